namespace Kneepoint.Coding.Entropy;

/// <summary>Whole numbers through a coder of bits.</summary>
static class BitCoding
{
    const uint Half = 1 << 15;
    const int MostAtOnce = 16;

    extension<TCoder>(TCoder coder)
        where TCoder : IBitCoder
    {
        /// <summary>Carries a bit that a state predicts, and which the state learns.</summary>
        /// <param name="bit">0 or 1; a reader ignores it.</param>
        /// <param name="state">The state of its context.</param>
        /// <param name="limit">Of the state's count.</param>
        public int CodeAdaptive(int bit, ref uint state, int limit)
        {
            bit = coder.Code(bit, AdaptiveBit.Probability(state));
            AdaptiveBit.Update(ref state, bit, limit);
            return bit;
        }

        /// <summary>Carries bits that nothing predicts.</summary>
        /// <param name="value">Its lowest bits; a reader ignores it.</param>
        /// <param name="bits">How many, 0 to 64.</param>
        public ulong CodeRaw(ulong value, int bits)
        {
            ulong coded = 0;
            while (bits > 0)
            {
                int taken = Math.Min(bits, MostAtOnce);
                bits -= taken;
                coded = (coded << taken) | coder.CodeEqual((uint)(value >> bits) & ((1u << taken) - 1), taken);
            }

            return coded;
        }

        /// <summary>Carries a number from 0 up whose size is unknown, small ones in few bits (Elias gamma code).</summary>
        /// <param name="value">The number, below 2⁶³; a reader ignores it.</param>
        public ulong CodeNumber(ulong value)
        {
            int length = 0;
            while (length < 63 && coder.Code(value + 1 >> length > 1 ? 1 : 0, Half) != 0) length++;
            return ((1UL << length) | coder.CodeRaw(value + 1, length)) - 1;
        }
    }
}
