# One job for each run. The trainer publishes its folder itself and writes complete.json last; whatever else is in
# the folder (work/ of a killed run, failed-<n>/) is the trainer's and no output, so Snakemake never deletes it.


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
    # How a job is launched is no parameter: another wording must not train everything again. See engine.py.
    params:
        folder=run_folder,
        settings=run_settings,
        image=ENGINE.digest,
    shell:
        # With scratch the module pymarl.runs.scratch runs the trainer.
        # Threads are pinned by Snakemake (OMP_NUM_THREADS, ...) to `threads`; numba has its own variable.
        'eval "$PYMARL_PREPARE"; export PYMARL_PIPELINE_JOB=1 NUMBA_NUM_THREADS={threads} PYTHONUNBUFFERED=1; '
        "gpu-slot $PYMARL_LAUNCH -m pymarl${{PYMARL_SCRATCH:+.runs.scratch}} --config={wildcards.alg:q} --env-config={wildcards.env:q} "
        "with env_args.map_name={wildcards.map:q} seed={wildcards.seed} "
        "experiment={wildcards.experiment:q} run_dir={params.folder:q} {params.settings:q} "
        ">> {log:q} 2>&1"


rule runs:
    # Only the trainings: `snakemake --cores 2 runs` also brings back a run that was deleted after the figures.
    input:
        wanted_runs,
