PROTOCOL = "worker_protocol"


def protocol_outcomes(numbers, seed, clean):
    return iter(())
