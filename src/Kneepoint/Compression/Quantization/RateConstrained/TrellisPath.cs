using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Kneepoint.Tensors;

namespace Kneepoint.Compression.Quantization.RateConstrained;

/// <summary>Finds the indices of a chain with the least error plus price times bits, among all paths through the trellis whose indices are near the numbers or near zero.</summary>
/// <remarks>
/// Looked at are, of each set and parity, the nearest index, the next one toward zero, and the smallest two: where a bit costs far more than an error, an index in between may be better still.
/// Source: the algorithm of [Viterbi1967]; as rate–distortion quantization, [Marcellin1990]. Cost: some 150 instructions for a number, where vectors have eight places. Holds its memory for the next chain.
/// </remarks>
sealed class TrellisPath
{
    const int Sets = 2;
    const int Branches = 2 * Sets;
    const int Half = Trellis.States / 2;

    // Squares of the largest multiples times this still are finite.
    const double MostCurvature = 1e25;

    // Numbers between two lowerings of the costs.
    const int Lowered = 256;
    static readonly int Lanes = Vector256<float>.Count;

    // For each number: of each state, which of the two ways into it is the better.
    readonly uint[] _ways;
    readonly int[] _choices;
    readonly float[] _branchCosts = new float[Branches];

    // Costs of the even states, then of the odd ones.
    readonly float[] _costs = new float[Trellis.States];

    /// <summary>Room for chains of a length.</summary>
    public TrellisPath(int length) => (_ways, _choices) = (new uint[length], new int[length * Branches]);

    /// <summary>Finds the indices.</summary>
    /// <param name="wanted">What the numbers should be, in steps.</param>
    /// <param name="zeros">Numbers whose zeros stay zeros, <paramref name="stride"/> apart.</param>
    /// <param name="stride">From one number to the next, in <paramref name="zeros"/> and in the table.</param>
    /// <param name="curvatures">Error for the square of a step's change, of each number.</param>
    /// <param name="price">Error for a bit.</param>
    /// <param name="table">Bits.</param>
    /// <param name="place">Of the first number in the table.</param>
    /// <param name="indices">Filled.</param>
    public void Find(ReadOnlySpan<float> wanted, ReadOnlySpan<float> zeros, int stride, ReadOnlySpan<double> curvatures, double price, RateTable table, int place, Span<int> indices)
    {
        Debug.Assert(Trellis.States == 32 && Lanes == 8, "Written for 32 states.");
        Array.Fill(_costs, float.PositiveInfinity);
        _costs[0] = 0;
        for (int i = 0; i < wanted.Length; i++)
        {
            // In bits, so that costs are of one size whatever the layer.
            float curvature = (float)Math.Min(curvatures[i] / price, MostCurvature), magnitude = Math.Abs(wanted[i]);
            var choices = _choices.AsSpan(i * Branches, Branches);
            for (int set = 0; set < Sets; set++)
            {
                var branch = new Branch(table.BitsOf(place + i * stride, set), curvature, magnitude, set);
                var (even, odd) = zeros[i * stride] == 0 ? branch.Zero() : branch.Best();
                (_branchCosts[2 * set], _branchCosts[2 * set + 1]) = (even.Cost, odd.Cost);
                (choices[2 * set], choices[2 * set + 1]) = wanted[i] < 0 ? (-even.Index, -odd.Index) : (even.Index, odd.Index);
            }

            _ways[i] = Advance();
            if (i % Lowered == Lowered - 1) Lower();
        }

        int state = Best();
        for (int i = wanted.Length - 1; i >= 0; i--)
        {
            (state, int parity) = Before(state, (int)(_ways[i] >> state) & 1);
            indices[i] = _choices[i * Branches + Trellis.SetOf(state) * 2 + parity];
        }
    }

    // Of the states behind the next number, 0 to 15 come from even states: n from 2n by an even index, from 2(n ^ 4) by an odd one. 16 + m come from odd states: from 2(m ^ 2) + 1, and 2(m ^ 6) + 1.
    static (int State, int Parity) Before(int state, int way)
    {
        int half = state < Half ? state ^ (way << 2) : (state - Half) ^ 2 ^ (way << 2);
        return (2 * half + (state < Half ? 0 : 1), way);
    }

    // Costs behind a number; bit n tells which way is better into state n.
    uint Advance()
    {
        ref float costs = ref MemoryMarshal.GetArrayDataReference(_costs);
        Vector256<float> even0 = Vector256.LoadUnsafe(ref costs), even1 = Vector256.LoadUnsafe(ref costs, 8), odd0 = Vector256.LoadUnsafe(ref costs, 16), odd1 = Vector256.LoadUnsafe(ref costs, 24);
        uint ways = Meet(even0, SwapFours(even0), 0, out var next0) | Meet(even1, SwapFours(even1), 0, out var next1) << 8;
        Vector256<float> swapped0 = SwapTwos(odd0), swapped1 = SwapTwos(odd1);
        ways |= Meet(swapped0, SwapFours(swapped0), 2, out var next2) << 16 | Meet(swapped1, SwapFours(swapped1), 2, out var next3) << 24;
        Even(next0, next1).StoreUnsafe(ref costs);
        Even(next2, next3).StoreUnsafe(ref costs, 8);
        Odd(next0, next1).StoreUnsafe(ref costs, 16);
        Odd(next2, next3).StoreUnsafe(ref costs, 24);
        return ways;
    }

    uint Meet(Vector256<float> byEven, Vector256<float> byOdd, int branch, out Vector256<float> least)
    {
        byEven += Vector256.Create(_branchCosts[branch]);
        byOdd += Vector256.Create(_branchCosts[branch + 1]);
        var isOdd = Vector256.LessThan(byOdd, byEven);
        least = Vector256.ConditionalSelect(isOdd, byOdd, byEven);
        return isOdd.ExtractMostSignificantBits();
    }

    // Only differences count: costs that grew with the chain would lose their lower bits.
    void Lower()
    {
        float least = _costs.Min();
        for (int i = 0; i < _costs.Length; i++) _costs[i] -= least;
    }

    int Best()
    {
        int best = Array.IndexOf(_costs, _costs.Min());
        return best < Half ? 2 * best : 2 * (best - Half) + 1;
    }

    // Place n of the result is place n ^ 4.
    static Vector256<float> SwapFours(Vector256<float> v) => Vector256.Create(v.GetUpper(), v.GetLower());

    // Place n of the result is place n ^ 2.
    static Vector256<float> SwapTwos(Vector256<float> v) => Vector256.Shuffle(v, Vector256.Create(2, 3, 0, 1, 6, 7, 4, 5));

    // Pairs of floats are whole numbers of 64 bits, whose lower halves are the even ones.
    static Vector256<float> Even(Vector256<float> a, Vector256<float> b) => Vector256.Narrow(a.AsUInt64(), b.AsUInt64()).AsSingle();

    static Vector256<float> Odd(Vector256<float> a, Vector256<float> b) => Vector256.Narrow(a.AsUInt64() >> 32, b.AsUInt64() >> 32).AsSingle();

    /// <summary>The best index of each parity for a number, in one of the sets.</summary>
    readonly ref struct Branch(RateTable.Row bits, float curvature, float magnitude, int set)
    {
        const int MostIndex = RateRounding.MostMultiple / 2 - 2;
        readonly RateTable.Row _bits = bits;

        public ((float Cost, int Index) Even, (float Cost, int Index) Odd) Zero() => ((CostOf(0), 0), (float.PositiveInfinity, 0));

        // The next index below and the next above are the nearest of their parities; then the next ones toward zero, and the smallest.
        public ((float Cost, int Index) Even, (float Cost, int Index) Odd) Best()
        {
            int below = Math.Min((int)((magnitude + set) * 0.5f), MostIndex);
            var (lower, upper) = (Better(below), Better(below + 1));
            var (even, odd) = (below & 1) == 0 ? (lower, upper) : (upper, lower);
            return (Least(Least(even, 2), 0), Least(odd, 1));
        }

        // The smallest indices too: they are far cheaper than others where most are zero.
        (float Cost, int Index) Least((float Cost, int Index) best, int index) => best.Index > index && CostOf(index) is var cost && cost < best.Cost ? (cost, index) : best;

        (float Cost, int Index) Better(int index)
        {
            float cost = CostOf(index);
            if (index < 2) return (cost, index);
            float inward = CostOf(index - 2);
            return inward < cost ? (inward, index - 2) : (cost, index);
        }

        float CostOf(int index)
        {
            float off = (index == 0 ? 0 : 2 * index - set) - magnitude;
            return curvature * off * off + _bits.Of(index);
        }
    }
}
