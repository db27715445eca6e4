namespace Kneepoint.Tests.Limits.Distortion;

/// <summary>Independent draws of named densities.</summary>
static class Draws
{
    public static float[] Of(string density, int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)One(density, random))];
    }

    public static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    static double One(string density, Random random) => density switch
    {
        "Gauss" => Normal(random),
        "Laplace" => -Math.Log(1 - random.NextDouble()) * (random.Next(2) * 2 - 1),
        "uniform" => random.NextDouble(),
        _ => throw new ArgumentOutOfRangeException(nameof(density), density, "Expected a known density."),
    };
}
