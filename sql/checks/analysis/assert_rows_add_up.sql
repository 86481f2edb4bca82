-- One row per import whose rows do not add up to calls, duplicates and quarantined.
select
    imports.import_id as import_id,                                                         -- the import
    imports.rows_in - imports.calls - imports.duplicates - imports.quarantined as missing_rows -- rows unaccounted for
from imports
where imports.rows_in <> imports.calls + imports.duplicates + imports.quarantined
limit 5
