import argparse
from pathlib import Path
from history_corpora import CORPORA, write_corpus
from labelled import data_folder
for name in CORPORA:
    print(name, write_corpus(name, data_folder(), Path("runs/history/corpus")/name), flush=True)
