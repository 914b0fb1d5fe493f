"""How a controller's agents are computed: step by step, by packed kernels, or by cuDNN.

``choice.sequence_backend`` chooses one form for a controller when it is built; learners and runners
ask the controller and do not know which it is. The forms lie below the controllers, because the
controller holds one, and above the networks (``pymarl.modules``), which know nothing of them.
``packed`` has the kernels of ``packed_backend`` and knows nothing of backends.
"""
