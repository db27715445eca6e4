using System.Text.RegularExpressions;

namespace Kneepoint.OnnxRuntime;

/// <summary>Turns what ONNX Runtime says about a failure into one sentence for the user.</summary>
static partial class RuntimeSentence
{
    const int LongestMessage = 600;

    /// <summary>One sentence without the runtime's source locations; names node, operator and domain where the message does.</summary>
    /// <param name="message">The message of an <c>OnnxRuntimeException</c>.</param>
    /// <param name="runtime">The runtime's name and version.</param>
    public static string Of(string message, string runtime)
    {
        string text = WithoutPrefix(message);
        if (Unregistered().Match(text) is { Success: true } unregistered)
        {
            return $"operator '{unregistered.Groups["op"].Value}' of domain '{Domain(unregistered.Groups["domain"].Value)}' is not known to {runtime}.";
        }

        if (BadNode().Match(text) is { Success: true } badNode) return AboutNode(badNode, runtime);
        if (TooNewOpset().Match(text) is { Success: true } opset)
        {
            return $"it uses opset {opset.Groups["found"].Value} of domain '{Domain(opset.Groups["domain"].Value)}', {runtime} knows up to {opset.Groups["most"].Value}.";
        }

        if (TooNewFormat().Match(text) is { Success: true } format)
        {
            return $"its IR version is {format.Groups["found"].Value}, {runtime} knows up to {format.Groups["most"].Value}.";
        }

        if (text.Contains("protobuf parsing failed", StringComparison.OrdinalIgnoreCase)) return "it is not an ONNX model.";
        if (text.Contains("No graph was found", StringComparison.Ordinal)) return "it holds no graph: it is not an ONNX model.";
        if (UnknownType().Match(text) is { Success: true } type)
        {
            return $"an input or output holds elements of type {type.Groups["type"].Value} of the ONNX format, which can be used inside a network only.";
        }

        if (NoMemory().IsMatch(text)) return "there is not enough memory for it.";
        if (FailedShapes().Match(text) is { Success: true } shapes)
        {
            return Sentence($"node '{shapes.Groups["name"].Value}' ({shapes.Groups["op"].Value}): {shapes.Groups["text"].Value}");
        }

        if (FailedRun().Match(text) is { Success: true } run)
        {
            return Sentence($"node '{run.Groups["name"].Value}' ({run.Groups["op"].Value}) fails: {WithoutLocations(run.Groups["text"].Value)}");
        }

        if (NoKernel().Match(text) is { Success: true } kernel)
        {
            return $"node '{kernel.Groups["name"].Value}': {runtime} has no kernel for operator '{kernel.Groups["op"].Value}' with these types on this processor.";
        }

        return Sentence(WithoutLocations(text));
    }

    static string AboutNode(Match match, string runtime)
    {
        string node = match.Groups["name"].Value;
        string domain = Domain(match.Groups["domain"].Value);
        string operation = match.Groups["op"].Value;
        string error = match.Groups["error"].Value;
        if (UnknownAtOpset().Match(error) is { Success: true } unknown)
        {
            return $"node '{node}': operator '{operation}' of domain '{domain}' is not known to {runtime} at opset {unknown.Groups["opset"].Value}.";
        }

        return error.StartsWith("No opset import", StringComparison.Ordinal)
            ? $"node '{node}': operator '{operation}' is of domain '{domain}', which the model does not import."
            : Sentence($"node '{node}' ({operation}): {WithoutLocations(error)}");
    }

    static string Domain(string domain) => domain.Length == 0 ? "ai.onnx" : domain;

    static string WithoutPrefix(string message)
    {
        string text = Prefix().Replace(message, "", 1);
        return LoadFailed().Replace(text, "", 1);
    }

    // "/src/a.cc:12 void N::F(const T&, int) message": the signature ends where its first parenthesis closes.
    static string WithoutLocations(string text)
    {
        while (Location().Match(text) is { Success: true } match)
        {
            int end = match.Index + match.Length;
            int open = text.IndexOf('(', end);
            int space = text.IndexOf(' ', end);
            bool isSignature = match.Groups["path"].Value.Contains('/', StringComparison.Ordinal) && open >= 0;
            int after = isSignature ? Closing(text, open) + 1 : space < 0 ? text.Length : space;
            text = text[..match.Index] + text[Math.Min(after, text.Length)..].TrimStart();
        }

        text = Status().Replace(text, "");
        return Whitespace().Replace(text, " ").Trim();
    }

    static int Closing(string text, int open)
    {
        int depth = 0;
        for (int i = open; i < text.Length; i++)
        {
            if (text[i] == '(') depth++;
            if (text[i] == ')' && --depth == 0) return i;
        }

        return text.Length;
    }

    static string Sentence(string text)
    {
        text = Whitespace().Replace(text, " ").Trim();
        if (text.Length > LongestMessage) text = text[..LongestMessage] + "…";
        return text.EndsWith('.') || text.EndsWith('…') ? text : text + ".";
    }

    [GeneratedRegex(@"^\[ErrorCode:\w+\]\s*")]
    private static partial Regex Prefix();

    [GeneratedRegex(@"^Load model from .*? failed:\s*", RegexOptions.Singleline)]
    private static partial Regex LoadFailed();

    [GeneratedRegex(@"(?<domain>[\w.\-]*):(?<op>[\w.\-]+)\(-?\d+\) is not a registered function/op")]
    private static partial Regex Unregistered();

    [GeneratedRegex("""In Node, \("(?<name>[^"]*)", (?<op>[^,]*), "(?<domain>[^"]*)", -?\d+\).*?, Error (?<error>.*)$""", RegexOptions.Singleline)]
    private static partial Regex BadNode();

    [GeneratedRegex(@"No Op registered for .* with domain_version of (?<opset>\d+)")]
    private static partial Regex UnknownAtOpset();

    [GeneratedRegex(@"Opset (?<found>\d+) is under development.*support for domain (?<domain>\S+) is till opset (?<most>\d+)", RegexOptions.Singleline)]
    private static partial Regex TooNewOpset();

    [GeneratedRegex(@"Unsupported model IR version: (?<found>\d+), max supported IR version: (?<most>\d+)")]
    private static partial Regex TooNewFormat();

    [GeneratedRegex(@"Node \((?<name>.*?)\) Op \((?<op>\w+)\) \[\w+\] (?<text>.*)$", RegexOptions.Singleline)]
    private static partial Regex FailedShapes();

    [GeneratedRegex(@"Non-zero status code returned while running (?<op>\S+) node\. Name:'(?<name>.*?)' Status Message: (?<text>.*)$", RegexOptions.Singleline)]
    private static partial Regex FailedRun();

    [GeneratedRegex(@"Could not find an implementation for (?<op>\w+)\(\d+\) node with name '(?<name>[^']*)'")]
    private static partial Regex NoKernel();

    [GeneratedRegex(@"(?<path>[\w/.\-]+\.(?:cc|cpp|h|hpp)):\d+ ")]
    private static partial Regex Location();

    [GeneratedRegex(@"\[ONNXRuntimeError\] : \d+ : \w+ :\s*|Exception during initialization:\s*|This is an invalid model\.\s*|Please fix either the inputs/outputs or the model\.\s*")]
    private static partial Regex Status();

    [GeneratedRegex(@"Unregistered TensorElementType value of: (?<type>\d+)")]
    private static partial Regex UnknownType();

    [GeneratedRegex(@"bad_alloc|bad allocation|Failed to allocate memory", RegexOptions.IgnoreCase)]
    private static partial Regex NoMemory();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Whitespace();
}
