using System.Buffers;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Kneepoint.Calibration;

/// <summary>The hot loop of <see cref="ActivationHistogram"/>: finds the bin of each value, eight values at a time, and counts.</summary>
/// <remarks>All results are integers, minima or maxima: the same for every vector width and without vectors.</remarks>
static class HistogramBinning
{
    /// <summary>Values summarized and then binned while they are still in the first-level cache.</summary>
    public const int BlockLength = 2048;

    const int InfinityBits = 0x7F80_0000;
    const int MagnitudeBits = 0x7FFF_FFFF;
    const int IndexMask = 2 * ActivationHistogram.BinsPerSign - 1;

    /// <summary>What must be known of a block before it is binned.</summary>
    /// <param name="Minimum">The least value; not meaningful unless all are finite.</param>
    /// <param name="Maximum">The greatest value; not meaningful unless all are finite.</param>
    /// <param name="Zeros">Values that are zero.</param>
    /// <param name="IsFinite">No value is NaN or infinite.</param>
    public readonly record struct Summary(float Minimum, float Maximum, int Zeros, bool IsFinite);

    /// <summary>Finds minimum, maximum and zeros of a block.</summary>
    public static Summary Summarize(ReadOnlySpan<float> block)
    {
        if (block.IsEmpty) return new Summary(0, 0, 0, true);
        float minimum = float.PositiveInfinity;
        float maximum = float.NegativeInfinity;
        int greatestBits = 0;
        int zeros = 0;
        int i = 0;
        if (Vector128.IsHardwareAccelerated && block.Length >= Vector256<float>.Count)
        {
            var least = Vector256.Create(float.PositiveInfinity);
            var greatest = Vector256.Create(float.NegativeInfinity);
            var bits = Vector256<int>.Zero;
            var equal = Vector256<int>.Zero;
            ref float first = ref MemoryMarshal.GetReference(block);
            for (; i <= block.Length - Vector256<float>.Count; i += Vector256<float>.Count)
            {
                var x = Vector256.LoadUnsafe(ref first, (nuint)i);
                least = Vector256.MinNative(least, x);
                greatest = Vector256.MaxNative(greatest, x);
                bits = Vector256.Max(bits, x.AsInt32() & Vector256.Create(MagnitudeBits));
                equal -= Vector256.Equals(x, Vector256<float>.Zero).AsInt32();
            }

            for (int lane = 0; lane < Vector256<float>.Count; lane++)
            {
                minimum = Math.Min(minimum, least[lane]);
                maximum = Math.Max(maximum, greatest[lane]);
                greatestBits = Math.Max(greatestBits, bits[lane]);
            }

            zeros = Vector256.Sum(equal);
        }

        for (; i < block.Length; i++)
        {
            float x = block[i];
            minimum = Math.Min(minimum, x);
            maximum = Math.Max(maximum, x);
            greatestBits = Math.Max(greatestBits, BitConverter.SingleToInt32Bits(x) & MagnitudeBits);
            if (x == 0) zeros++;
        }

        // Adding zero turns a negative zero into the positive one, which of the two came first must not show.
        return new Summary(minimum + 0f, maximum + 0f, zeros, greatestBits < InfinityBits);
    }

    /// <summary>Counts a block straight into the bins; zeros count as positive.</summary>
    /// <param name="block">Finite values whose magnitude times <paramref name="inverseWidth"/> is below the number of bins.</param>
    /// <param name="inverseWidth">A power of two.</param>
    /// <param name="positive">[BinsPerSign].</param>
    /// <param name="negative">[BinsPerSign]; null if no value is negative.</param>
    public static void CountInto(ReadOnlySpan<float> block, float inverseWidth, long[] positive, long[]? negative)
    {
        foreach (float x in block)
        {
            int index = (int)(MathF.Abs(x) * inverseWidth);
            if (x < 0) negative![index]++;
            else positive[index]++;
        }
    }

    /// <summary>Finds the place of each value in a table of both signs: the bin, plus the number of bins where the value is negative.</summary>
    static void Locate(ReadOnlySpan<float> block, float inverseWidth, Span<int> indices)
    {
        int i = 0;
        if (Vector128.IsHardwareAccelerated)
        {
            var inverse = Vector256.Create(inverseWidth);
            var magnitude = Vector256.Create(MagnitudeBits);
            var side = Vector256.Create(ActivationHistogram.BinsPerSign);
            ref float first = ref MemoryMarshal.GetReference(block);
            ref int destination = ref MemoryMarshal.GetReference(indices);
            for (; i <= block.Length - Vector256<float>.Count; i += Vector256<float>.Count)
            {
                var x = Vector256.LoadUnsafe(ref first, (nuint)i);
                var bin = Vector256.ConvertToInt32Native((x.AsInt32() & magnitude).AsSingle() * inverse);
                var negative = Vector256.LessThan(x, Vector256<float>.Zero).AsInt32() & side;

                // The mask keeps an index inside the table whatever the value was.
                ((bin + negative) & Vector256.Create(IndexMask)).StoreUnsafe(ref destination, (nuint)i);
            }
        }

        for (; i < block.Length; i++)
        {
            int bin = (int)(MathF.Abs(block[i]) * inverseWidth) + (block[i] < 0 ? ActivationHistogram.BinsPerSign : 0);
            indices[i] = bin & IndexMask;
        }
    }

    /// <summary>Four tables of 32-bit counts that are filled in turn: many equal values in a row then do not wait for each other's store.</summary>
    public readonly struct Tables : IDisposable
    {
        const int Ways = 4;
        const int Stride = 2 * ActivationHistogram.BinsPerSign;

        // Below this, emptying the tables costs more than they save. Chosen by measurement: bench HistogramBinningBenchmark.
        const int LeastValues = 32 * 1024;
        readonly uint[]? _counts;

        Tables(uint[] counts) => _counts = counts;

        /// <summary>There are no tables: the values are too few.</summary>
        public bool IsEmpty => _counts is null;

        /// <summary>Borrows empty tables if there are enough values to be worth it.</summary>
        public static Tables For(int valueCount)
        {
            if (valueCount < LeastValues) return default;
            uint[] counts = ArrayPool<uint>.Shared.Rent(Ways * Stride);
            counts.AsSpan(0, Ways * Stride).Clear();
            return new Tables(counts);
        }

        /// <summary>Counts a block; see <see cref="CountInto"/>. At most 2^32 values may be counted before <see cref="MoveTo"/>.</summary>
        [SkipLocalsInit]
        public void Count(ReadOnlySpan<float> block, float inverseWidth)
        {
            Debug.Assert(block.Length <= BlockLength, "A block fits the indices.");
            Span<int> indices = stackalloc int[BlockLength];
            indices = indices[..block.Length];
            Locate(block, inverseWidth, indices);
            ref uint table = ref MemoryMarshal.GetReference(_counts.AsSpan(0, Ways * Stride));
            ref int index = ref MemoryMarshal.GetReference(indices);
            int i = 0;
            for (; i <= indices.Length - Ways; i += Ways)
            {
                Unsafe.Add(ref table, Unsafe.Add(ref index, i))++;
                Unsafe.Add(ref table, Stride + Unsafe.Add(ref index, i + 1))++;
                Unsafe.Add(ref table, 2 * Stride + Unsafe.Add(ref index, i + 2))++;
                Unsafe.Add(ref table, 3 * Stride + Unsafe.Add(ref index, i + 3))++;
            }

            for (; i < indices.Length; i++) Unsafe.Add(ref table, indices[i])++;
        }

        /// <summary>Adds the counts to the bins and empties the tables.</summary>
        public void MoveTo(long[] positive, long[]? negative)
        {
            var counts = _counts.AsSpan(0, Ways * Stride);
            Move(counts, positive);
            if (negative is not null) Move(counts[ActivationHistogram.BinsPerSign..], negative);
            counts.Clear();
        }

        /// <summary>Gives the tables back.</summary>
        public void Dispose()
        {
            if (_counts is not null) ArrayPool<uint>.Shared.Return(_counts);
        }

        static void Move(ReadOnlySpan<uint> counts, long[] bins)
        {
            for (int i = 0; i < bins.Length; i++)
            {
                bins[i] += (long)counts[i] + counts[Stride + i] + counts[2 * Stride + i] + counts[3 * Stride + i];
            }
        }
    }
}
