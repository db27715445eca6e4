using Kneepoint.Coding.Entropy;

namespace Kneepoint.Coding.Packing;

/// <summary>Predicts bytes of which nothing is known, from the two before and from their place in a word of eight.</summary>
sealed class ByteModel
{
    const int Contexts = 3;
    const int Limit = 255;
    const int Bias = 256;
    readonly uint[] _states = new uint[Contexts << 16];
    readonly int[] _bases = new int[Contexts];
    readonly int[] _inputs = Mixer.NewInputs(Contexts + 1);
    readonly Mixer _mixer = new(Contexts + 1, 256, 6, 65536 / 3);

    /// <summary>A model that has seen nothing.</summary>
    public ByteModel() => Array.Fill(_states, AdaptiveBit.Fresh);

    /// <summary>Carries bytes.</summary>
    public void Code(IBitCoder coder, Span<byte> bytes)
    {
        for (int i = 0; i < bytes.Length; i++)
        {
            _bases[0] = (i & 7) << 8;
            _bases[1] = (1 << 16) | (i > 0 ? bytes[i - 1] << 8 : 0);
            _bases[2] = (2 << 16) | (i > 1 ? bytes[i - 2] << 8 : 0);
            int node = 1;
            for (int b = 7; b >= 0; b--)
            {
                for (int c = 0; c < Contexts; c++) _inputs[c] = Logistic.Stretch(AdaptiveBit.Probability(_states[_bases[c] + node]));
                _inputs[Contexts] = Bias;
                int bit = coder.Code((bytes[i] >> b) & 1, Logistic.Squash(_mixer.Mix(_inputs, node)));
                _mixer.Update(_inputs, bit);
                foreach (int place in _bases) AdaptiveBit.Update(ref _states[place + node], bit, Limit);
                node = (node << 1) | bit;
            }

            bytes[i] = (byte)node;
        }
    }
}
