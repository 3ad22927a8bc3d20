"""The forecasting room: monthly series in, forecasts with intervals and explanations out.

Belongs here: pandas, numpy and Prophet. Does not belong here: files, databases, Dagster, dbt,
or anything of the rooms `orchestration` and `exports`; they meet this room through data frames.
Start reading in `series.py`; the method is told in `fit.py` (the point), `backtest.py` (how wrong
it has been), `weights.py` (who is believed), `paths.py` (what may come) and `levels.py` (sums).
"""
