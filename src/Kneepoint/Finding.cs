namespace Kneepoint;

/// <summary>Something that the reader of a result should know before trusting or using it.</summary>
/// <param name="Code">Stable identifier in kebab case, for programs: "slower-and-larger".</param>
/// <param name="Severity">How much it matters.</param>
/// <param name="Message">One or two sentences with the values in them; the second says what to do, if anything.</param>
public sealed record Finding(string Code, FindingSeverity Severity, string Message);

/// <summary>How much a <see cref="Finding"/> matters.</summary>
public enum FindingSeverity
{
    /// <summary>Good to know.</summary>
    Note,

    /// <summary>The result holds, with a restriction.</summary>
    Warning,

    /// <summary>The result should not be used as it is.</summary>
    Error,
}
