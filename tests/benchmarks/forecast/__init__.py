"""What the forecasts are worth: public series, fiscal years, effects, speed, a real ledger.

Run as `make benchmark-forecast`; nothing here decides pass or fail. Settings are chosen on the sets
m3 and m1 only; every other table is a confirmation.
"""
