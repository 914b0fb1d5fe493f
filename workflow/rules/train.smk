# One job for each run. The trainer publishes its folder itself and writes complete.json last; whatever else is in
# the folder (work/ of a killed run, failed-<n>/) is the trainer's and no output, so Snakemake never deletes it.


# The wildcard `alg` is the folder of an algorithm or of a variant of one: `qmix`, `qmix+td_lambda=0.4`.
rule train:
    input:
        image=ancient(image_files),
    output:
        "results/runs/{experiment}/{env}/{map}/{alg}/seed={seed}/complete.json",
    log:
        "results/logs/{experiment}/train/{env}/{map}/{alg}/seed={seed}.log",
    benchmark:
        "results/benchmarks/{experiment}/{env}/{map}/{alg}/seed={seed}.tsv"
    container:
        ENGINE.container
    threads: 1
    resources:
        mem_mb=3000,
        runtime="48h",
        gpu_slots=1,
    # A changed parameter trains again: an override or another image, but not another way to start the same image.
    params:
        alg=run_alg,
        folder=run_folder,
        overrides=run_overrides,
        image=ENGINE.digest,
    shell:
        # run-training (workflow/scripts): python -m pymarl ... in the engine, on a free GPU slot, with scratch if asked.
        "run-training --threads {threads} --config={params.alg:q} --env-config={wildcards.env:q} "
        "with env_args.map_name={wildcards.map:q} seed={wildcards.seed} "
        "experiment={wildcards.experiment:q} run_dir={params.folder:q} {params.overrides:q} "
        ">> {log:q} 2>&1"


rule runs:
    # Only the trainings: `snakemake --cores 2 runs` also brings back a run that was deleted after the figures.
    input:
        wanted_runs,
