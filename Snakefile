# Experiment file -> training runs -> tidy data -> figures, table, report.
#
#   snakemake --cores 2                                      the default experiment (configs/experiments/demo.yaml)
#   snakemake --cores 2 --config experiment=smac_paper       another one
#   snakemake --cores 2 --configfile my_experiment.yaml      a file of your own
#   snakemake --cores 2 runs                                 only the trainings
#
# profiles/default is applied automatically; `make reproduce` adds progress, and repairs after a kill.
import sys

from snakemake.utils import min_version

min_version("9.20")
sys.path.insert(0, str(workflow.basedir))


report: "workflow/report/workflow.rst"


include: "workflow/rules/common.smk"
include: "workflow/rules/image.smk"


if not SELECTION.partial:

    include: "workflow/rules/train.smk"


include: "workflow/rules/analysis.smk"


localrules:
    all,


rule all:
    default_target: True
    input:
        final_outputs,


refuse_strange_targets()


onstart:
    print(ENGINE.describe())


onerror:
    print(report_outcome(SELECTION.runs, log[0] if log else ""))
