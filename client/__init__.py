"""Study -> result: Triton over gRPC or the in-process engine, and what the answer means."""
