using System.CommandLine;
using System.CommandLine.Help;
using Kneepoint.App;
using Kneepoint.App.Commands;

// Not RootCommand: that one takes the assembly's name, and the program is called kneepoint.
var root = new Command("kneepoint", """
    Finds the compute-memory-accuracy trade-off of a trained network: makes compressed variants of an ONNX model, measures each one
    on ONNX Runtime, and returns the frontier and the best variant for a budget.

    Example: kneepoint demo
    """);
root.Add(new HelpOption());
root.Add(new VersionOption());
root.Add(DemoCommand.Create());
root.Add(FrontCommand.Create());
root.Add(InspectCommand.Create());
root.Add(ExplainCommand.Create());
root.Add(LimitsCommand.Create());
root.Add(MeasureCommand.Create());
root.Add(MethodsCommand.Create());
root.Add(PackCommand.Create());
root.Add(PickCommand.Create());
root.Add(ProbeMemoryCommand.Create());
root.Add(ReportCommand.Create());
root.Add(RunCommand.Create());
root.Add(UnpackCommand.Create());
return CommandLine.Run(root, args);
