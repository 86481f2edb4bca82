-- One row per reason for which rows were not taken, the commonest first.
select
    quarantine.reason as reason,  -- in a sentence
    count(*) as rows              -- rows of the files
from quarantine
group by all
order by rows desc, reason
limit 50
