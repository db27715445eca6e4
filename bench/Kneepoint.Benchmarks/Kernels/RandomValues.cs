namespace Kneepoint.Benchmarks.Kernels;

/// <summary>Values as weights and activations are spread.</summary>
static class RandomValues
{
    const int Seed = 42;

    /// <summary>Standard normal.</summary>
    public static float[] Normal(int count)
    {
        var random = new Random(Seed);
        float[] values = new float[count];
        foreach (ref float value in values.AsSpan())
        {
            value = (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        }

        return values;
    }
}
