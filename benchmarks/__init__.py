"""Measures Dyocense beside peers that run in the same process on the same cases.

    python -m benchmarks AREA --data FOLDER [--out FILE] [--sample N] [--jobs 2]

**prior** prints what the ensemble's prior band widths were taken from. **app** measures waiting times in the browser.

Peers that the app does not need come with `pip install -e .[bench]`; without it their rows say so.

Each area prints a readable table, and one line of JSON last, which `--out` also writes to a file. Runs are
deterministic: same data, options and versions, same figures (apart from the seconds).

**forecast.** FOLDER holds `series.parquet` (`unique_id, ds, y, split`, split being train or test) and `meta.csv` (one
row per series: `unique_id, source, freq, horizon, m_metric, season_length`). Every method sees the train rows and
forecasts the test rows. Reported per method: sMAPE, MASE and OWA against Naive2 exactly as the M4 competition defines
them (ratios of means over series), coverage of the 80 and 95 % bands, the scaled interval score of the 95 % band, CPU
seconds per series, and how bad the worst series was. A method that fails on a series is given Naive2's forecast there,
and the failure is counted. Licences of such data often allow evaluation only: none is kept here.

**retail.** FOLDER is as for forecast, with several origins of a series as `id@1`, `id@2`, and a `country` where it is
known; closed days are missing rows. Reported: our mean scaled error, quick and full, over that of the peer that is best
over all cases, with an interval from drawing series again; coverage of periods and of totals over the horizon at 80 and
95 %, and the interval score over the best peer's; all of it by length of period and by source. Ours is given the days
as a business has them, closed ones unknown; peers see the rows, Prophet also the country's holidays.

**worlds.** FOLDER holds `index.csv` and a folder per world with the owner's files and `truth.json`, or several such
folders. The files are opened, forecast and ordered for as the pages do, on the day that the truth names and with
nothing told. Reported per kind of world: bias of totals, the standard deviation of the shortest total over the true
one, the true chance that totals lie in our bands, the true cost of the order list over that of the optimum, stated and
true stockout risks, and what only that kind is asked: closed days, hidden demand, a dead item, partial periods, planned
rows, promotions. A world that fails is counted and named. `--only a1 b` runs some kinds, `--panel full` all models.

**ingest.** FOLDER holds `manifest.json`, a list of `{id, file, expect}`, and the files. `expect.status` is `ok`,
`ok_too_short`, `ok_no_time_axis` (the table found: sheet, header row, rows and dates exactly, the value's sum to
1e-6), `refuse...` (a reason and nothing else), `ask_or_refuse` or `refuse_or_ok`. Reported per file: what was found,
and whether pandas, DuckDB and clevercsv with their defaults get the rows and the sum. A file counts as silently wrong
when it is taken as good although a figure differs or a doubt was due. `--mutations N` reads N damaged or rewritten
copies, `--speed` times a workbook of 200,000 rows and a text file of 1,000,000 beside the bare libraries.

**pollock.** FOLDER holds polluted text files in `csv`, and under the same names in `clean` what they hold. Every reader
is given the file and nothing else. Reported: the ten measures of the Pollock benchmark (success; precision, recall and
F1 of header, records and cells), averaged over files and added up, 10 at best; the sum for each kind of pollution; and
the files that lose most. DuckDB stands there twice, by default and with short rows and stray marks allowed.
"""
