using Kneepoint.Tensors;

namespace Kneepoint.Compression.Quantization.RateConstrained;

/// <summary>Finds the indices of a chain with the least error plus price times bits, among all paths through the trellis.</summary>
/// <remarks>Source: the algorithm of [Viterbi1967]; as rate–distortion quantization, [Marcellin1990]. Cost: some 200 operations for a number. Holds its memory for the next chain.</remarks>
sealed class TrellisPath
{
    const int Sets = 2;
    const int Branches = 2 * Sets;
    readonly double[] _costs = new double[Trellis.States];
    readonly double[] _nextCosts = new double[Trellis.States];
    readonly byte[] _before;
    readonly int[] _choices;

    /// <summary>Room for chains of a length.</summary>
    public TrellisPath(int length)
    {
        _before = new byte[length * Trellis.States];
        _choices = new int[length * Branches];
    }

    /// <summary>Finds the indices.</summary>
    /// <param name="wanted">What the numbers should be, in steps; a number that is exactly 0 in <paramref name="zeros"/> stays 0.</param>
    /// <param name="zeros">The numbers that stay 0 where they are 0 here.</param>
    /// <param name="stride">From one number of <paramref name="zeros"/> to the next.</param>
    /// <param name="curvatures">Error for the square of a step's change, of each number.</param>
    /// <param name="price">Error for a bit.</param>
    /// <param name="table">Bits.</param>
    /// <param name="places">Of the first number in the table; the next is <paramref name="stride"/> further.</param>
    /// <param name="indices">Filled.</param>
    public void Find(ReadOnlySpan<float> wanted, ReadOnlySpan<float> zeros, int stride, ReadOnlySpan<double> curvatures, double price, RateTable table, int places, Span<int> indices)
    {
        Array.Fill(_costs, double.PositiveInfinity);
        _costs[0] = 0;
        Span<double> branchCosts = stackalloc double[Branches];
        for (int i = 0; i < wanted.Length; i++)
        {
            var choices = _choices.AsSpan(i * Branches, Branches);
            bool isZero = zeros[i * stride] == 0;
            for (int set = 0; set < Sets; set++)
            {
                for (int parity = 0; parity < 2; parity++)
                {
                    int branch = set * 2 + parity;
                    branchCosts[branch] = isZero
                        ? Zero(wanted[i], parity, set, curvatures[i], price, table, places + i * stride, out choices[branch])
                        : Best(wanted[i], parity, set, curvatures[i], price, table, places + i * stride, out choices[branch]);
                }
            }

            Advance(branchCosts, _before.AsSpan(i * Trellis.States, Trellis.States));
        }

        int state = Array.IndexOf(_costs, _costs.Min());
        for (int i = wanted.Length - 1; i >= 0; i--)
        {
            int before = _before[i * Trellis.States + state];
            // Of the two branches of a state each leads to another one.
            int parity = Trellis.Next(before, 0) == state ? 0 : 1;
            indices[i] = _choices[i * Branches + Trellis.SetOf(before) * 2 + parity];
            state = before;
        }
    }

    void Advance(ReadOnlySpan<double> branchCosts, Span<byte> before)
    {
        Array.Fill(_nextCosts, double.PositiveInfinity);
        for (int state = 0; state < Trellis.States; state++)
        {
            for (int parity = 0; parity < 2; parity++)
            {
                int next = Trellis.Next(state, parity);
                double cost = _costs[state] + branchCosts[Trellis.SetOf(state) * 2 + parity];
                if (!(cost < _nextCosts[next])) continue;
                _nextCosts[next] = cost;
                before[next] = (byte)state;
            }
        }

        _nextCosts.CopyTo(_costs, 0);
    }

    static double Zero(float wanted, int parity, int set, double curvature, double price, RateTable table, int place, out int index)
    {
        index = 0;
        return parity != 0 ? double.PositiveInfinity : curvature * wanted * wanted + price * table.Bits(place, set, 0);
    }

    // The nearest index of the parity, the next one toward zero, and zero.
    static double Best(float wanted, int parity, int set, double curvature, double price, RateTable table, int place, out int index)
    {
        double magnitude = Math.Abs((double)wanted), nearest = (magnitude + set) / 2;
        int near = Math.Min(parity + 2 * Math.Max(0, (int)Math.Round((nearest - parity) / 2)), RateRounding.MostMultiple / 2 - 1 + parity);
        double least = double.PositiveInfinity;
        int best = 0;
        for (int i = near; i >= Math.Max(near - 2, 0); i -= 2) Try(i);
        if (parity == 0 && near > 2) Try(0);
        index = wanted < 0 ? -best : best;
        return least;

        void Try(int candidate)
        {
            double off = (candidate == 0 ? 0 : 2 * candidate - set) - magnitude;
            double cost = curvature * off * off + price * table.Bits(place, set, candidate);
            if (cost < least) (least, best) = (cost, candidate);
        }
    }
}
