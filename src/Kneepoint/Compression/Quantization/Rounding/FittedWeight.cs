namespace Kneepoint.Compression.Quantization.Rounding;

/// <summary>A weight that was fitted to what its layer is fed.</summary>
abstract record FittedWeight
{
    /// <summary>[N]: by how much the mean of each output is off, to be taken from the layer's bias; empty where the bias stays.</summary>
    public double[] MeanError { get; init; } = [];

    /// <summary>The fitted weight less the weights: [N, K].</summary>
    public abstract float[] ErrorsOf(float[] weights);
}
