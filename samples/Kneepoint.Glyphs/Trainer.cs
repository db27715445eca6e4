namespace Kneepoint.Glyphs;

/// <summary>Gives the sample at a place of the sequence that is trained on.</summary>
/// <param name="index">Its place.</param>
/// <param name="image">Overwritten by its pixels.</param>
/// <returns>Its label.</returns>
delegate int SampleSource(int index, Span<byte> image);

/// <summary>Trains with Adam (Kingma and Ba 2015, algorithm 1) and a cosine decay.</summary>
/// <remarks>Samples come from their places and gradients are added in a fixed order, so the core count changes nothing.</remarks>
static class Trainer
{
    const int BatchSize = 64;
    const int Lanes = 2;
    const double LearningRate = 2e-3, Decay1 = 0.9, Decay2 = 0.999, Epsilon = 1e-8;

    public static void Train(Network network, int steps, SampleSource samples, Action<int, double> report)
    {
        var works = Enumerable.Range(0, Lanes).Select(_ => new Network.Workspace(network)).ToArray();
        float[][] parameters = [.. network.Layers.SelectMany(l => new[] { l.Weights, l.Biases })];
        float[][] means = [.. parameters.Select(p => new float[p.Length])];
        float[][] squares = [.. parameters.Select(p => new float[p.Length])];
        double shownLoss = 0;
        for (int step = 1; step <= steps; step++)
        {
            double[] losses = new double[Lanes];
            int current = step;
            Parallel.For(0, Lanes, lane =>
            {
                var work = works[lane];
                byte[] image = new byte[GlyphRenderer.Pixels];
                foreach (float[] gradient in work.WeightGradients.Concat(work.BiasGradients)) Array.Clear(gradient);
                for (int i = lane; i < BatchSize; i += Lanes)
                {
                    int label = samples(current * BatchSize + i, image);
                    Samples.Normalize(image, work.Activations[0]);
                    network.Forward(work);
                    losses[lane] += network.Backward(work, label);
                }
            });

            double rate = LearningRate * 0.5 * (1 + Math.Cos(Math.PI * step / steps)) * Math.Min(1, step / 100.0);
            for (int p = 0; p < parameters.Length; p++)
            {
                float[][] gradients = [.. works.Select(w => p % 2 == 0 ? w.WeightGradients[p / 2] : w.BiasGradients[p / 2])];
                Update(parameters[p], means[p], squares[p], gradients, rate, step);
            }

            shownLoss = 0.98 * shownLoss + 0.02 * losses.Sum() / BatchSize;
            if (step % 100 == 0) report(step, shownLoss / (1 - Math.Pow(0.98, step)));
        }
    }

    /// <summary>The share of images that the network takes for something else than their labels.</summary>
    public static double ErrorRate(Network network, ReadOnlySpan<byte> images, ReadOnlySpan<byte> labels)
    {
        var work = new Network.Workspace(network);
        int errors = 0;
        for (int i = 0; i < labels.Length; i++)
        {
            Samples.Normalize(images.Slice(i * GlyphRenderer.Pixels, GlyphRenderer.Pixels), work.Activations[0]);
            float[] logits = network.Forward(work);
            if (Array.IndexOf(logits, logits.Max()) != labels[i]) errors++;
        }

        return (double)errors / labels.Length;
    }

    static void Update(float[] parameters, float[] means, float[] squares, float[][] gradients, double rate, int step)
    {
        double correction1 = 1 - Math.Pow(Decay1, step), correction2 = 1 - Math.Pow(Decay2, step);
        for (int i = 0; i < parameters.Length; i++)
        {
            double gradient = 0;
            foreach (float[] lane in gradients) gradient += lane[i];
            gradient /= BatchSize;
            means[i] = (float)(Decay1 * means[i] + (1 - Decay1) * gradient);
            squares[i] = (float)(Decay2 * squares[i] + (1 - Decay2) * gradient * gradient);
            parameters[i] -= (float)(rate * (means[i] / correction1) / (Math.Sqrt(squares[i] / correction2) + Epsilon));
        }
    }
}
