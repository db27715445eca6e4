namespace Kneepoint.App;

/// <summary>A command line that cannot be obeyed: the message says which option, what was expected and what was found.</summary>
sealed class CommandLineException(string message) : Exception(message);
