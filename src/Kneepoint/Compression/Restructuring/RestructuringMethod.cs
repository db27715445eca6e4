using Kneepoint.Onnx;

namespace Kneepoint.Compression.Restructuring;

/// <summary>A method that gives the network other weights or other layers, in float, before anything is quantized.</summary>
public abstract record RestructuringMethod : CompressionMethod
{
    private protected RestructuringMethod()
    {
    }

    /// <summary>When it may come in a recipe.</summary>
    public abstract RestructuringStage Stage { get; }

    /// <summary>Changes the network.</summary>
    /// <param name="rewrite">The network as the steps before have left it, normalizations folded.</param>
    /// <param name="layers">The layers that the step names, in the order of the graph.</param>
    /// <param name="evidence">What the calibration samples show of the network before this step.</param>
    /// <exception cref="RecipeNotApplicableException">The step cannot be carried out; the sentence says why.</exception>
    internal abstract void Restructure(NetworkRewrite rewrite, IReadOnlyList<WeightedLayer> layers, CalibrationEvidence evidence);

    // Restructuring comes before every other step; there is nothing left to do.
    internal sealed override void Apply(NetworkRewrite rewrite, IReadOnlyList<WeightedLayer> layers)
    {
    }
}

/// <summary>The order of steps that restructure: each one works on what those before have left.</summary>
public enum RestructuringStage
{
    /// <summary>Scales move between layers; the function stays.</summary>
    Equalize,

    /// <summary>Channels are removed.</summary>
    Prune,

    /// <summary>Layers become products of smaller ones.</summary>
    Factor,

    /// <summary>Channels that are fed far more than the others get products of their own.</summary>
    Split,

    /// <summary>Single weights become 0.</summary>
    Sparsify,

    /// <summary>Outputs get their former statistics again.</summary>
    Renormalize,
}
