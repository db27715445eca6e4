namespace Kneepoint.Limits;

/// <summary>A statement of the theory, as it is named wherever one of its figures is shown.</summary>
/// <param name="Letter">Its letter in docs/limits.md, A to Q.</param>
/// <param name="Name">What it is called: "Size from overfitting".</param>
/// <param name="Status">With what right it is stated.</param>
/// <param name="Assumptions">What must hold, in one line that stands beside every figure.</param>
public sealed record Statement(char Letter, string Name, LimitStatus Status, string Assumptions)
{
    /// <summary>The status in the word that is shown: TRUE, CONDITIONAL or ESTIMATE.</summary>
    public string StatusWord => Status switch
    {
        LimitStatus.True => "TRUE",
        LimitStatus.Conditional => "CONDITIONAL",
        _ => "ESTIMATE",
    };
}
