"""Reproduces the figures that the README quotes, beside peers that run in the same process on the same series.

    python -m benchmarks AREA --data FOLDER [--out FILE] [--sample N] [--jobs 2]

Each area prints a readable table, and one line of JSON last, which `--out` also writes to a file. Runs are
deterministic: same data, options and versions, same figures (apart from the seconds).

**forecast.** FOLDER holds `series.parquet` (`unique_id, ds, y, split`, split being train or test) and `meta.csv` (one
row per series: `unique_id, source, freq, horizon, m_metric, season_length`). Every method sees the train rows and
forecasts the test rows. Reported per method: sMAPE, MASE and OWA against Naive2 exactly as the M4 competition defines
them (ratios of means over series), coverage of the 80 and 95 % bands, the scaled interval score of the 95 % band, CPU
seconds per series, and how bad the worst series was. A method that fails on a series is given Naive2's forecast there,
and the failure is counted. Licences of such data often allow evaluation only: none is kept here.
"""
