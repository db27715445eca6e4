using System.Globalization;
using Kneepoint.Compression.Quantization.RateConstrained;
using Kneepoint.Tensors;

namespace Kneepoint.Benchmarks.Coding;

/// <summary>Claim: what docs/methods/rate-constrained.md says of dependent quantization. Rounds a million independent Gaussian numbers at several prices, with one step and with a trellis, and
/// prints how many bits each is above the rate–distortion function R(D) = ½ log₂(1/D).</summary>
static class TrellisCommand
{
    public const string Name = "trellis";
    const int Rows = 1000;
    const int Columns = 1000;
    const int Turns = 4;

    public static int Run()
    {
        Console.WriteLine($"{"price",9}{"quantizer",12}{"step",9}{"bits",9}{"SQNR dB",10}{"above R(D)",12}");
        var random = new Random(1);
        float[] values = [.. Enumerable.Range(0, Rows * Columns).Select(_ => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];
        foreach (double price in (ReadOnlySpan<double>)[0.5, 0.2, 0.1, 0.03, 0.01, 0.003])
        {
            Best(values, price, "scalar", 1, Scalar);
            Best(values, price, "trellis", 0.5, WithTrellis);
        }

        return 0;
    }

    static void Best(float[] values, double price, string name, double part, Func<float[], float, double, (double Error, double Bits)> round)
    {
        (double Cost, float Step, double Error, double Bits) best = (double.PositiveInfinity, 0, 0, 0);
        for (int i = -3; i <= 6; i++)
        {
            float step = StepSize.Round((float)(StepSize.Balanced(price, 1) * part * Math.Pow(2, i / 4.0)));
            var (error, bits) = round(values, step, price);
            if (error + price * bits < best.Cost) best = (error + price * bits, step, error, bits);
        }

        double rate = best.Bits / values.Length, distortion = best.Error / values.Length;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{price,9}{name,12}{best.Step,9:F4}{rate,9:F4}{-10 * Math.Log10(distortion),10:F3}{rate - 0.5 * Math.Log2(1 / distortion),12:F4}"));
    }

    static (double Error, double Bits) Scalar(float[] values, float step, double price)
    {
        int[] multiples = [.. values.Select(value => (int)Math.Round(value / step))];
        double error = 0;
        for (int turn = 0; turn < Turns; turn++)
        {
            var table = new RateTable(multiples, Columns);
            error = 0;
            for (int i = 0; i < values.Length; i++)
            {
                int near = (int)MathF.Round(values[i] / step);
                double least = double.PositiveInfinity;
                foreach (int candidate in (ReadOnlySpan<int>)[near, near - Math.Sign(near), 0])
                {
                    double off = candidate * step - values[i], cost = off * off + price * table.Bits(i, candidate);
                    if (cost < least) (least, multiples[i]) = (cost, candidate);
                }

                error += Math.Pow(multiples[i] * (double)step - values[i], 2);
            }
        }

        return (error, new RateTable(multiples, Columns).Bits(multiples));
    }

    static (double Error, double Bits) WithTrellis(float[] values, float step, double price)
    {
        int[] indices = [.. values.Select(value => (int)Math.Round(value / (2 * step)))];
        byte[] sets = new byte[values.Length];
        for (int i = 0; i < sets.Length; i++) sets[i] = (byte)(i & 1);
        double error = 0;
        var path = new TrellisPath(Rows);
        float[] wanted = new float[Rows];
        int[] chain = new int[Rows];
        double[] curvatures = [.. Enumerable.Repeat((double)step * step, Rows)];
        for (int turn = 0; turn < Turns; turn++)
        {
            var table = new RateTable(indices, Columns, sets, 2);
            error = 0;
            for (int column = 0; column < Columns; column++)
            {
                for (int row = 0; row < Rows; row++) wanted[row] = values[row * Columns + column] / step;
                path.Find(wanted, values.AsSpan(column), Columns, curvatures, price, table, column, chain);
                int state = 0;
                for (int row = 0; row < Rows; row++)
                {
                    int at = row * Columns + column;
                    (indices[at], sets[at]) = (chain[row], (byte)Trellis.SetOf(state));
                    error += Math.Pow((double)Trellis.Multiple(state, chain[row]) * step - values[at], 2);
                    state = Trellis.Next(state, chain[row]);
                }
            }
        }

        return (error, new RateTable(indices, Columns, sets, 2).Bits(indices, sets));
    }
}
