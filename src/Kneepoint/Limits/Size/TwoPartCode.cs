namespace Kneepoint.Limits.Size;

/// <summary>The length of labels in two parts: the network, then what it leaves open of each label.</summary>
/// <remarks>
/// L = L(model) + Σ −log₂ p(yᵢ|xᵢ): the bits of the network as really written, and the labels by an ideal coder with the network's probabilities. Lengths of variants of one network on
/// the same labels can be compared. The length is achievable, so it is no lower bound on anything but the shortest description of the labels.
/// Source: [Rissanen1978]; [Blier2018] for networks.
/// </remarks>
public readonly record struct TwoPartCode
{
    /// <summary>Adds the parts.</summary>
    /// <param name="modelBits">Bits of the network as written, finite, at least 0.</param>
    /// <param name="labelBits">Bits of all labels, at least 0; infinite where the network gives a label no probability.</param>
    public TwoPartCode(double modelBits, double labelBits)
    {
        if (!(modelBits >= 0 && double.IsFinite(modelBits)))
        {
            throw new ArgumentOutOfRangeException(nameof(modelBits), modelBits, "The bits of a network must be finite and at least 0.");
        }

        if (!(labelBits >= 0)) throw new ArgumentOutOfRangeException(nameof(labelBits), labelBits, "The bits of labels must be at least 0.");
        (ModelBits, LabelBits) = (modelBits, labelBits);
    }

    /// <summary>How this statement is shown.</summary>
    public static Statement Statement { get; } = new('C', "Two-part code", LimitStatus.True,
        "TRUE as a length in which these labels can be written, given their examples; what it says about the size that a network needs is an ESTIMATE and depends on n");

    /// <summary>Bits of the network as written.</summary>
    public double ModelBits { get; }

    /// <summary>Bits of all labels.</summary>
    public double LabelBits { get; }

    /// <summary>The whole length, bits.</summary>
    public double TotalBits => ModelBits + LabelBits;

    /// <summary>The code of a network whose cross-entropy was summed in nats.</summary>
    /// <param name="modelBytes">Bytes of the network as written, at least 0.</param>
    /// <param name="labelNats">Σ −ln p(yᵢ|xᵢ), at least 0.</param>
    public static TwoPartCode FromNats(long modelBytes, double labelNats) => new(8.0 * modelBytes, labelNats / Math.Log(2));

    /// <summary>The code for another number of labels of the same mean length: a scaling, not a measurement.</summary>
    /// <param name="factor">Labels then ÷ labels now, positive, finite.</param>
    public TwoPartCode Scaled(double factor)
    {
        if (!(factor > 0 && double.IsFinite(factor))) throw new ArgumentOutOfRangeException(nameof(factor), factor, "A scale must be positive and finite.");
        return new TwoPartCode(ModelBits, LabelBits * factor);
    }
}
