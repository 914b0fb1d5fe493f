# From run folders to the table, the figures and the report. All of it is seconds of work: never sent to a cluster.
# run-python (workflow/scripts) is the Python of the engine: this environment's, or that of the container image.
localrules:
    expected,
    collect,
    plot,
    table,
    verdict,
    report_page,


rule expected:
    # `run` is on the host whatever the engine: the image holds no part of the workflow.
    # The list of runs that the experiment asks for: what is missing from the results is then known as missing.
    output:
        "results/data/{experiment}/expected.json",
    log:
        "results/logs/{experiment}/expected.log",
    params:
        experiment=json.dumps(EXPERIMENT.to_config(), sort_keys=True),
    run:
        shell(
            "python -m workflow expected --experiment {params.experiment:q} --out {output:q} "
            "> {log:q} 2>&1"
        )


rule collect:
    input:
        runs=wanted_runs,
        expected=rules.expected.output,
    output:
        tidy="results/data/{experiment}/tidy.parquet",
        episodes="results/data/{experiment}/episodes.parquet",
        runs="results/data/{experiment}/runs.parquet",
        exclusions="results/data/{experiment}/exclusions.json",
    log:
        "results/logs/{experiment}/collect.log",
    container:
        ENGINE.container
    params:
        image=ENGINE.digest,
    shell:
        # The folder, not the files: a list of thousands of runs would not fit on a command line.
        "run-python -m analysis collect --runs results/runs/{wildcards.experiment} "
        "--expected {input.expected:q} --benchmarks results/benchmarks/{wildcards.experiment} --out results/data/{wildcards.experiment} > {log:q} 2>&1"


rule plot:
    input:
        rules.collect.output.tidy,
    output:
        [
            report(
                f"results/figures/{{experiment}}/{name}.svg",
                caption=f"../report/{name}.rst",
                category="Figures",
            )
            for name in FIGURES
        ],
        expand(
            "results/figures/{{experiment}}/{name}.{suffix}",
            name=FIGURES,
            suffix=("pdf", "png"),
        ),
    log:
        "results/logs/{experiment}/plot.log",
    container:
        ENGINE.container
    params:
        image=ENGINE.digest,
        view=VIEW,
    shell:
        "run-python -m analysis plot --data results/data/{wildcards.experiment} "
        "--out results/figures/{wildcards.experiment}{params.view} > {log:q} 2>&1"


rule table:
    input:
        rules.collect.output.tidy,
    output:
        report(
            "results/tables/{experiment}/summary.csv",
            caption="../report/summary.rst",
            category="Tables",
        ),
        "results/tables/{experiment}/summary.md",
    log:
        "results/logs/{experiment}/table.log",
    container:
        ENGINE.container
    params:
        image=ENGINE.digest,
        view=VIEW,
    shell:
        "run-python -m analysis table --data results/data/{wildcards.experiment} "
        "--out results/tables/{wildcards.experiment}{params.view} > {log:q} 2>&1"


rule verdict:
    # Beside the published runs of the SMAC paper; other backends are named incomparable, with the numbers.
    input:
        rules.collect.output.tidy,
    output:
        report(
            "results/tables/{experiment}/verdicts.csv",
            caption="../report/verdicts.rst",
            category="Tables",
        ),
        "results/tables/{experiment}/verdicts.md",
    log:
        "results/logs/{experiment}/verdict.log",
    container:
        ENGINE.container
    params:
        image=ENGINE.digest,
        view=VIEW,
    shell:
        "run-python -m analysis compare --data results/data/{wildcards.experiment} "
        "--out results/tables/{wildcards.experiment}{params.view} > {log:q} 2>&1"


rule report_page:
    input:
        rules.collect.output,
    output:
        "results/report/{experiment}/index.html",
    log:
        "results/logs/{experiment}/report.log",
    container:
        ENGINE.container
    params:
        image=ENGINE.digest,
        view=VIEW,
    shell:
        "run-python -m analysis report --data results/data/{wildcards.experiment} "
        "--out results/report/{wildcards.experiment}{params.view} > {log:q} 2>&1"
