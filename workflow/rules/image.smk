# The container image, when the engine needs one and none was given. Its name carries the digest of everything it is
# made of, so that nothing is built twice, and a changed source gives another image and other runs.
if ENGINE.image_file:

    localrules:
        build_image,

    rule build_image:
        # `run` is on the host whatever the engine: this is the step that makes the container.
        output:
            ENGINE.image_file,
        log:
            f"results/logs/images/{ENGINE.digest}.log",
        params:
            base_image=SELECTION.pipeline.get("base_image", ""),
            build_args=json.dumps(build_args(SELECTION.pipeline), sort_keys=True),
            network=SELECTION.pipeline.get("build_network", ""),
        run:
            shell(
                "python -m workflow build-image --base-image={params.base_image:q} "
                "--build-args={params.build_args:q} --network={params.network:q} "
                "--out={output:q} > {log:q} 2>&1"
            )
