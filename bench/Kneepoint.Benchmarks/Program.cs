using BenchmarkDotNet.Running;
using Kneepoint.Benchmarks.Coverage;

if (args is [CoverageCommand.Name, ..]) return CoverageCommand.Run(args[1..]);
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
return 0;
