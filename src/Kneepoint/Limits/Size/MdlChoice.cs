namespace Kneepoint.Limits.Size;

/// <summary>The variant with the least two-part code: a knee that needs no weights between objectives.</summary>
/// <remarks>
/// It depends on n, the number of labels: many labels pay for a larger network. How it would move is shown for a tenth and for ten times as many labels of the same mean
/// length, which is a scaling of what was measured and no measurement.
/// </remarks>
/// <param name="AtTenth">Index of the choice for n/10 labels.</param>
/// <param name="AtMeasured">Index of the choice for the n labels that were measured.</param>
/// <param name="AtTenfold">Index of the choice for 10·n labels.</param>
public readonly record struct MdlChoice(int AtTenth, int AtMeasured, int AtTenfold)
{
    const double Ten = 10;

    /// <summary>Chooses for n/10, n and 10·n labels.</summary>
    /// <param name="variants">Variants of one network, on the same labels.</param>
    public static MdlChoice Of(ReadOnlySpan<TwoPartCode> variants) =>
        new(IndexOf(variants, 1 / Ten), IndexOf(variants, 1), IndexOf(variants, Ten));

    /// <summary>The variant with the least total.</summary>
    /// <param name="variants">Variants of one network, on the same labels.</param>
    /// <param name="factor">Labels to choose for ÷ labels that were measured, positive, finite.</param>
    /// <returns>Its index; of equal totals the smaller network, then the first. −1 if there is none of finite length.</returns>
    public static int IndexOf(ReadOnlySpan<TwoPartCode> variants, double factor = 1)
    {
        int best = -1;
        var least = (Total: double.PositiveInfinity, Model: double.PositiveInfinity);
        for (int i = 0; i < variants.Length; i++)
        {
            var code = variants[i].Scaled(factor);
            var length = (Total: code.TotalBits, Model: code.ModelBits);
            if (double.IsFinite(length.Total) && length.CompareTo(least) < 0) (best, least) = (i, length);
        }

        return best;
    }
}
