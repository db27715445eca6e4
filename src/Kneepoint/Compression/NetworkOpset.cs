using Kneepoint.Onnx;

namespace Kneepoint.Compression;

/// <summary>Raises the operator set of a network that a recipe works on, so that it can hold what a method needs.</summary>
static class NetworkOpset
{
    /// <summary>DequantizeLinear with an axis.</summary>
    public const int PerChannelQuantization = 13;

    /// <summary>INT4 and blockwise DequantizeLinear.</summary>
    public const int Int4 = 21;

    /// <summary>Raises the operator set to at least the target.</summary>
    /// <exception cref="RecipeNotApplicableException">An operator cannot be raised; the sentence names it.</exception>
    public static void Raise(NetworkRewrite rewrite, int target)
    {
        if (Opsets.Version(rewrite.Model.Proto) >= target) return;
        if (OpsetUpgrade.Raise(rewrite.Model, target, rewrite.Fresh, rewrite.RankOf) is { } refusal) throw new RecipeNotApplicableException(refusal);
        rewrite.FindLayersAgain();
    }

    /// <summary>Raises the operator set if every operator can be raised.</summary>
    /// <returns>Whether the network has at least the target now.</returns>
    public static bool TryRaise(NetworkRewrite rewrite, int target)
    {
        if (Opsets.Version(rewrite.Model.Proto) >= target) return true;
        if (rewrite.CannotReach <= target) return false;
        try
        {
            Raise(rewrite, target);
            return true;
        }
        catch (RecipeNotApplicableException)
        {
            rewrite.CannotReach = target;
            return false;
        }
    }
}
