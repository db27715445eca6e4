namespace Kneepoint.Limits.Distortion;

/// <summary>A value of a discrete source.</summary>
/// <param name="Value">The value, finite.</param>
/// <param name="Weight">How often it occurs, in any unit; above 0.</param>
public readonly record struct SourceAtom(double Value, double Weight);
