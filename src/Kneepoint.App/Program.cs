using System.CommandLine;

var root = new RootCommand("Finds the compute-memory-accuracy trade-off of a trained network.");
return root.Parse(args).Invoke();
