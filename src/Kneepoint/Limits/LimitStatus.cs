namespace Kneepoint.Limits;

/// <summary>With what right a figure about limits is stated. A figure without its status is not to be shown.</summary>
public enum LimitStatus
{
    /// <summary>Rigorous under assumptions that the reader can check: independent test data, a code fixed before the data were seen.</summary>
    True,

    /// <summary>Exact for a stated source or noise model, not for one given network.</summary>
    Conditional,

    /// <summary>An approximation; its measured error belongs beside it wherever it was measured.</summary>
    Estimate,
}
