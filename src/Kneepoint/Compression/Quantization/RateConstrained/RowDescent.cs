using System.Numerics.Tensors;

namespace Kneepoint.Compression.Quantization.RateConstrained;

/// <summary>Moves single multiples of a row while error plus price times bits falls.</summary>
/// <remarks>
/// With g = e·H, moving a multiple by δ steps changes the error by 2δΔg_k + (δΔ)²H_kk. Looked at are the multiple nearest to the optimum, the two next to it toward zero, and zero.
/// </remarks>
readonly ref struct RowDescent
{
    const double LeastGain = 1e-9;

    readonly ReadOnlySpan<float> _weights;
    readonly ReadOnlySpan<float> _pull;
    readonly Span<int> _multiples;
    readonly int _place;
    readonly float[] _full;
    readonly float _step;
    readonly double _price;
    readonly RateTable _table;
    readonly float[] _gradient;

    /// <summary>Begins at the multiples as they are.</summary>
    /// <param name="weights">[K].</param>
    /// <param name="multiples">[K]; changed.</param>
    /// <param name="place">Of the row in the table.</param>
    /// <param name="full">H: [K, K].</param>
    /// <param name="pull">H·w: [K].</param>
    /// <param name="step">Δ.</param>
    /// <param name="price">λ.</param>
    /// <param name="table">Bits.</param>
    public RowDescent(ReadOnlySpan<float> weights, Span<int> multiples, int place, float[] full, ReadOnlySpan<float> pull, float step, double price, RateTable table)
    {
        _weights = weights;
        _pull = pull;
        _multiples = multiples;
        (_place, _full, _step, _price, _table) = (place, full, step, price, table);
        _gradient = new float[weights.Length];
        TensorPrimitives.Negate(pull, _gradient);
        for (int k = 0; k < weights.Length; k++)
        {
            if (multiples[k] != 0) TensorPrimitives.MultiplyAdd(full.AsSpan(k * weights.Length, weights.Length), multiples[k] * step, _gradient, _gradient);
        }
    }

    /// <summary>H·w.</summary>
    /// <param name="full">H: [K, K].</param>
    /// <param name="weights">w: [K].</param>
    /// <param name="destination">[K], zeros before.</param>
    public static void Pull(float[] full, ReadOnlySpan<float> weights, Span<float> destination)
    {
        for (int k = 0; k < weights.Length; k++)
        {
            if (weights[k] != 0) TensorPrimitives.MultiplyAdd(full.AsSpan(k * weights.Length, weights.Length), weights[k], destination, destination);
        }
    }

    /// <summary>One turn over the columns.</summary>
    /// <returns>Whether a multiple moved.</returns>
    public bool Sweep()
    {
        bool isMoved = false;
        int columns = _weights.Length;
        for (int k = 0; k < columns; k++)
        {
            double curvature = _full[k * columns + k];
            if (!(curvature > 0) || _weights[k] == 0) continue;
            int now = _multiples[k];
            double optimum = now - _gradient[k] / (curvature * _step);
            int near = (int)Math.Clamp(Math.Round(optimum), -RateRounding.MostMultiple, RateRounding.MostMultiple), inward = Math.Sign(near), best = now;
            double bitsNow = _table.Bits(_place + k, now), most = LeastGain * curvature * _step * _step;
            foreach (int candidate in (ReadOnlySpan<int>)[near, near - inward, near - 2 * inward, 0])
            {
                if (candidate == now) continue;
                double change = (candidate - now) * (double)_step;
                double gain = -(2 * change * _gradient[k] + change * change * curvature) - _price * (_table.Bits(_place + k, candidate) - bitsNow);
                if (gain > most) (most, best) = (gain, candidate);
            }

            if (best == now) continue;
            _multiples[k] = best;
            TensorPrimitives.MultiplyAdd(_full.AsSpan(k * columns, columns), (best - now) * _step, _gradient, _gradient);
            isMoved = true;
        }

        return isMoved;
    }

    /// <summary>e·H·eᵀ, q·H·eᵀ and q·H·qᵀ.</summary>
    public (double Error, double Slope, double Curvature) Sums()
    {
        double error = 0, slope = 0, pulled = 0;
        for (int k = 0; k < _weights.Length; k++)
        {
            error += (_multiples[k] * (double)_step - _weights[k]) * _gradient[k];
            slope += (double)_multiples[k] * _gradient[k];
            pulled += (double)_multiples[k] * _pull[k];
        }

        return (Math.Max(0, error), slope, Math.Max(0, (slope + pulled) / _step));
    }
}
