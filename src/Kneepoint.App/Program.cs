using System.CommandLine;
using Kneepoint.App;
using Kneepoint.App.Commands;

var root = new RootCommand("""
    Finds the compute-memory-accuracy trade-off of a trained network: makes compressed variants of an ONNX model, measures each one
    on ONNX Runtime, and returns the frontier and the best variant for a budget.

    Example: kneepoint demo
    """);
root.Add(DemoCommand.Create());
root.Add(MeasureCommand.Create());
root.Add(PickCommand.Create());
root.Add(ProbeMemoryCommand.Create());
root.Add(ReportCommand.Create());
root.Add(RunCommand.Create());
return CommandLine.Run(root, args);
