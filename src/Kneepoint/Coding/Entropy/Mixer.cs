using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Kneepoint.Coding.Entropy;

/// <summary>Combines several predictions of one bit, and learns which of them to trust.</summary>
/// <remarks>
/// The log odds of the predictions are added with weights, p = squash(Σ wᵢ·stretch(pᵢ)), and after each bit the weights follow the gradient of its code length,
/// wᵢ += η·(bit − p)·stretch(pᵢ). One set of weights for each value of a small context. All arithmetic is in whole numbers of 32 bits, the same on every machine whatever the
/// width of its vectors. Source: logistic mixing of [Mahoney2005].
/// </remarks>
sealed class Mixer
{
    /// <summary>The most predictions: so many products of the largest weight and the largest log odds fit 32 bits.</summary>
    public const int MostInputs = 15;

    const int WeightBits = 16;
    const int ProductShift = 4;
    const int StepShift = 18;
    const int MostWeight = (1 << 20) - 1;
    const int MostRate = 15;
    static readonly int Lanes = Vector256<int>.Count;

    readonly int[] _weights;
    readonly int _width;
    readonly int _rate;
    int _set;
    uint _probability;

    /// <summary>A mixer whose predictions have equal weights.</summary>
    /// <param name="inputs">How many predictions there are, at most <see cref="MostInputs"/>.</param>
    /// <param name="sets">How many sets of weights.</param>
    /// <param name="rate">How fast the weights follow, 1 to 15.</param>
    /// <param name="initial">The weight of each prediction at first, of 65,536; near 65,536 / <paramref name="inputs"/> to begin with their mean.</param>
    public Mixer(int inputs, int sets, int rate, int initial)
    {
        Debug.Assert(inputs is > 0 and <= MostInputs && rate is > 0 and <= MostRate, "Sums and steps fit 32 bits.");
        _width = Width(inputs);
        _weights = new int[_width * sets];
        _rate = rate;
        for (int set = 0; set < sets; set++) Array.Fill(_weights, initial, set * _width, inputs);
    }

    /// <summary>Room for the log odds of predictions, and for zeros behind them up to whole vectors.</summary>
    public static int[] NewInputs(int inputs) => new int[Width(inputs)];

    /// <summary>The log odds of all predictions together.</summary>
    /// <param name="inputs">The log odds of each, made by <see cref="NewInputs"/>; the same ones go to <see cref="Update"/>.</param>
    /// <param name="set">The set of weights.</param>
    public int Mix(int[] inputs, int set)
    {
        Debug.Assert(inputs.Length == _width, "Inputs of this mixer's width.");
        _set = set * _width;
        ref int weights = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_weights), _set);
        ref int odds = ref MemoryMarshal.GetArrayDataReference(inputs);
        var sum = Vector256<int>.Zero;
        for (int i = 0; i < _width; i += Lanes) sum += (Vector256.LoadUnsafe(ref weights, (nuint)i) >> ProductShift) * Vector256.LoadUnsafe(ref odds, (nuint)i);
        int logOdds = Math.Clamp(Vector256.Sum(sum) >> (WeightBits - ProductShift), -Logistic.Most, Logistic.Most);
        _probability = Logistic.Squash(logOdds);
        return logOdds;
    }

    /// <summary>Learns from the bit.</summary>
    public void Update(int[] inputs, int bit)
    {
        ref int weights = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_weights), _set);
        ref int odds = ref MemoryMarshal.GetArrayDataReference(inputs);
        var error = Vector256.Create(((bit << 16) - (int)_probability) * _rate);
        var half = Vector256.Create(1 << (StepShift - 1));
        for (int i = 0; i < _width; i += Lanes)
        {
            var moved = Vector256.LoadUnsafe(ref weights, (nuint)i) + ((Vector256.LoadUnsafe(ref odds, (nuint)i) * error + half) >> StepShift);
            Vector256.Min(Vector256.Max(moved, Vector256.Create(-MostWeight)), Vector256.Create(MostWeight)).StoreUnsafe(ref weights, (nuint)i);
        }
    }

    static int Width(int inputs) => (inputs + Lanes - 1) / Lanes * Lanes;
}
