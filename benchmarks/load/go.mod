module entrepot.io/benchmarks/load

go 1.25.0
