"""Other libraries, each run by its own interpreter: ``contestants`` lists them, ``launch`` runs them.

They live in an environment of their own, since what they need need not agree with what we need::

    python -m venv .peers
    .peers/bin/pip install -r benchmarks/peers/requirements.txt -c benchmarks/peers/constraints.txt
    export TSSEQ2SEQ_PEERS=.peers/bin/python

JoeyNMT, beside which ``translation_speed`` takes turns, needs another one (``joeynmt_requirements.txt``).

A runner is a module that reads a job (``protocol``), trains for the seconds that the job grants,
forecasts, and writes the forecast and a record. What it raises is written too, so that a failed run
is a row of the table and not a gap.
"""
