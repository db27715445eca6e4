namespace Kneepoint.Coding;

/// <summary>How numbers of tensors are coded: the fewer bytes, the longer they take to read.</summary>
public enum NumberCode
{
    /// <summary>Many predictions of each bit, mixed: the fewest bytes.</summary>
    Mixing,

    /// <summary>One adaptive prediction of each bit.</summary>
    Adaptive,

    /// <summary>Symbols of fixed probabilities, by interleaved range coders: read fastest.</summary>
    Static,
}
