using Kneepoint.Coding.Entropy;

namespace Kneepoint.Coding.Packing;

/// <summary>Predicts bytes of which little is known: of another type, or of fields of a few bits.</summary>
/// <remarks>A bit is predicted from the bits before it in its byte, alone and with the byte before, the one two before, and the place in a word of eight; and from the two and the four bits before it, for fields of 1, 2 and 4 bits. The predictions are mixed.</remarks>
sealed class ByteModel
{
    const int Contexts = 7;
    const int Limit = 400;
    const int Bias = 256;
    const int TableBits = 16;
    readonly uint[] _states = new uint[Contexts << TableBits];
    readonly int[] _places = new int[Contexts];
    readonly int[] _inputs = Mixer.NewInputs(Contexts + 1);
    readonly Mixer _mixer = new(Contexts + 1, 256, 3, 65536 / 5);

    /// <summary>A model that has seen nothing.</summary>
    public ByteModel() => Array.Fill(_states, AdaptiveBit.Fresh);

    /// <summary>Carries bytes.</summary>
    public void Code(IBitCoder coder, Span<byte> bytes)
    {
        // All bits before, the last one lowest.
        uint before = 0;
        for (int i = 0; i < bytes.Length; i++)
        {
            int last = i > 0 ? bytes[i - 1] : 0, last2 = i > 1 ? bytes[i - 2] : 0, node = 1;
            for (int b = 7; b >= 0; b--)
            {
                Set(0, node);
                Set(1, last << 8 | node);
                Set(2, last2 << 8 | node);
                Set(3, (i & 7) << 8 | node);
                Set(4, (b & 1) << 2 | (int)(before & 3));
                Set(5, (b & 3) << 4 | (int)(before & 15));
                Set(6, b << 6 | (int)(before & 63));
                _inputs[Contexts] = Bias;
                int bit = coder.Code((bytes[i] >> b) & 1, Logistic.Squash(_mixer.Mix(_inputs, node)));
                _mixer.Update(_inputs, bit);
                foreach (int place in _places) AdaptiveBit.Update(ref _states[place], bit, Limit);
                node = (node << 1) | bit;
                before = (before << 1) | (uint)bit;
            }

            bytes[i] = (byte)node;
        }
    }

    void Set(int context, int value)
    {
        int place = context << TableBits | value;
        _places[context] = place;
        _inputs[context] = Logistic.Stretch(AdaptiveBit.Probability(_states[place]));
    }
}
