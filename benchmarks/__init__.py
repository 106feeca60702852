"""Named scenarios, one JSON record a run; figures in the docs come from committed records."""
