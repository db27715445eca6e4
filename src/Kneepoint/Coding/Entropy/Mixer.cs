namespace Kneepoint.Coding.Entropy;

/// <summary>Combines several predictions of one bit, and learns which of them to trust.</summary>
/// <remarks>
/// The log odds of the predictions are added with weights, p = squash(Σ wᵢ·stretch(pᵢ)), and after each bit the weights follow the gradient of its code length,
/// wᵢ += η·(bit − p)·stretch(pᵢ). One set of weights for each value of a small context. All arithmetic is in whole numbers. Source: logistic mixing of [Mahoney2005].
/// </remarks>
sealed class Mixer
{
    const int WeightBits = 16;
    readonly int[] _weights;
    readonly int[] _inputs;
    readonly int _rate;
    int _count;
    int _set;
    uint _probability;

    /// <summary>A mixer whose predictions have equal weights.</summary>
    /// <param name="inputs">How many predictions there are.</param>
    /// <param name="sets">How many sets of weights.</param>
    /// <param name="rate">How fast the weights follow, 1 to 64.</param>
    /// <param name="initial">The weight of each prediction at first, of 65,536; near 65,536 / <paramref name="inputs"/> to begin with their mean.</param>
    public Mixer(int inputs, int sets, int rate, int initial)
    {
        _inputs = new int[inputs];
        _weights = new int[inputs * sets];
        _rate = rate;
        Array.Fill(_weights, initial);
    }

    /// <summary>Adds the log odds of the next prediction.</summary>
    public void Add(int logOdds) => _inputs[_count++] = logOdds;

    /// <summary>The log odds of all predictions together.</summary>
    public int Mix(int set)
    {
        _set = set * _inputs.Length;
        long sum = 0;
        var weights = _weights.AsSpan(_set, _inputs.Length);
        for (int i = 0; i < weights.Length; i++) sum += (long)weights[i] * _inputs[i];
        int logOdds = (int)Math.Clamp(sum >> WeightBits, -Logistic.Most, Logistic.Most);
        _probability = Logistic.Squash(logOdds);
        return logOdds;
    }

    /// <summary>Learns from the bit, and begins anew.</summary>
    public void Update(int bit)
    {
        int error = ((bit << 16) - (int)_probability) * _rate;
        var weights = _weights.AsSpan(_set, _inputs.Length);
        for (int i = 0; i < weights.Length; i++)
        {
            long step = ((long)_inputs[i] * error + (1 << 17)) >> 18;
            weights[i] = (int)Math.Clamp(weights[i] + step, -(1 << 22), 1 << 22);
        }

        _count = 0;
    }
}
