"""A Spark session without Spark, so that dbt can compile: it knows no table and runs nothing.

What belongs here: what dbt-spark's session method asks for while it compiles. What does not:
anything that would make a model look as if it had run. PySpark itself is 450 MB and needs Java.
"""
