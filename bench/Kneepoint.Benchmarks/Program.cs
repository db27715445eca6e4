using BenchmarkDotNet.Running;
using Kneepoint.Benchmarks.Coding;
using Kneepoint.Benchmarks.Coverage;
using Kneepoint.Benchmarks.PointTimes;
using Kneepoint.Benchmarks.Recipes;
using Kneepoint.Benchmarks.Rounding;
using Kneepoint.Benchmarks.SameModel;
using Kneepoint.Benchmarks.WeightSharing;

if (args is [CodingCommand.Name, ..]) return CodingCommand.Run(args[1..]);
if (args is [TrellisCommand.Name]) return TrellisCommand.Run();
if (args is [CoverageCommand.Name, ..]) return CoverageCommand.Run(args[1..]);
if (args is [PointTimesCommand.Name, ..]) return PointTimesCommand.Run(args[1..]);
if (args is [RecipesCommand.Name, ..]) return RecipesCommand.Run(args[1..]);
if (args is [RoundingCommand.Name, ..]) return RoundingCommand.Run(args[1..]);
if (args is [KMeansCommand.Name, ..]) return KMeansCommand.Run(args[1..]);
if (args is [SameModelCommand.Name, ..]) return SameModelCommand.Run(args[1..]);
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
return 0;
