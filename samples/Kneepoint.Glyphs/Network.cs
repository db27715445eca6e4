namespace Kneepoint.Glyphs;

/// <summary>Layers, and one sample's way through them and back.</summary>
sealed class Network(Layer[] layers)
{
    public Layer[] Layers { get; } = layers;

    /// <summary>The network of the demo: four convolutions, two fully connected layers.</summary>
    public static Network Convolutional(int classes, Random random) => new(
        [
            new(1, GlyphRenderer.Side, 12, kernel: 3, stride: 1, padding: 1, isRectified: true, random),
            new(12, 20, 24, kernel: 3, stride: 2, padding: 1, isRectified: true, random),
            new(24, 10, 32, kernel: 3, stride: 1, padding: 1, isRectified: true, random),
            new(32, 10, 48, kernel: 3, stride: 2, padding: 1, isRectified: true, random),
            new(48, 5, 64, kernel: 5, stride: 1, padding: 0, isRectified: true, random),
            new(64, 1, classes, kernel: 1, stride: 1, padding: 0, isRectified: false, random),
        ]);

    /// <summary>A small network: two convolutions, two fully connected layers.</summary>
    public static Network Small(int classes, Random random) => new(
        [
            new(1, GlyphRenderer.Side, 8, kernel: 3, stride: 2, padding: 1, isRectified: true, random),
            new(8, 10, 16, kernel: 3, stride: 2, padding: 1, isRectified: true, random),
            new(16, 5, 32, kernel: 5, stride: 1, padding: 0, isRectified: true, random),
            new(32, 1, classes, kernel: 1, stride: 1, padding: 0, isRectified: false, random),
        ]);

    /// <summary>Room for one sample: inputs and outputs of each layer, and the gradients of all parameters.</summary>
    public sealed class Workspace(Network network)
    {
        public readonly float[][] Activations = [new float[network.Layers[0].InputSize], .. network.Layers.Select(l => new float[l.OutputSize])];
        public readonly float[][] ActivationGradients = [new float[network.Layers[0].InputSize], .. network.Layers.Select(l => new float[l.OutputSize])];
        public readonly float[][] Columns = [.. network.Layers.Select(l => new float[l.Reduction * l.Positions])];
        public readonly float[] ColumnGradient = new float[network.Layers.Max(l => l.Reduction * l.Positions)];
        public readonly float[][] WeightGradients = [.. network.Layers.Select(l => new float[l.Weights.Length])];
        public readonly float[][] BiasGradients = [.. network.Layers.Select(l => new float[l.Biases.Length])];
    }

    /// <summary>Image in <see cref="Workspace.Activations"/>[0] → logits, the last activation.</summary>
    public float[] Forward(Workspace work)
    {
        for (int i = 0; i < Layers.Length; i++) Layers[i].Forward(work.Activations[i], work.Columns[i], work.Activations[i + 1]);
        return work.Activations[^1];
    }

    /// <summary>Adds the gradients of the cross-entropy with smoothed labels to the workspace; call after <see cref="Forward"/>.</summary>
    /// <returns>The loss, nat.</returns>
    public double Backward(Workspace work, int label)
    {
        const float Smoothing = 0.02f;
        float[] logits = work.Activations[^1], gradient = work.ActivationGradients[^1];
        float top = logits.Max();
        double sum = 0;
        foreach (float logit in logits) sum += Math.Exp(logit - top);
        for (int c = 0; c < logits.Length; c++)
        {
            double probability = Math.Exp(logits[c] - top) / sum;
            gradient[c] = (float)(probability - Smoothing / logits.Length - (c == label ? 1 - Smoothing : 0));
        }

        for (int i = Layers.Length - 1; i >= 0; i--)
        {
            var columnGradient = work.ColumnGradient.AsSpan(0, Layers[i].Reduction * Layers[i].Positions);
            Layers[i].Backward(work.Columns[i], work.Activations[i + 1], work.ActivationGradients[i + 1],
                work.WeightGradients[i], work.BiasGradients[i], columnGradient, i == 0 ? [] : work.ActivationGradients[i]);
        }

        return Math.Log(sum) + top - logits[label];
    }
}
