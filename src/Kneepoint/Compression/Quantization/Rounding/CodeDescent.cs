using System.Numerics.Tensors;

namespace Kneepoint.Compression.Quantization.Rounding;

/// <summary>Improves the codes and scales of a quantized weight until the layer's squared output error falls no further.</summary>
/// <remarks>
/// With e = ŵ − w of a row and g = e·H: changing ŵ_k by δ changes e·H·eᵀ by 2δg_k + δ²H_kk, which is least at δ = −g_k / H_kk. A sweep takes the columns in turn, moves each code to
/// the nearest of that optimum if the error falls, and updates g. A block's scale with codes c is then least at Δs = −(c·g) / (c·H·cᵀ). Each move lowers the error, so the
/// result is never worse than its start. Codes come first, scales when codes have nearly settled. A weight that is exactly 0 keeps its code. Cost: K² multiply-adds for a row's g, and K for each code that moves.
/// Source: coordinate descent on the objective of [Frantar2022]; as a rounding of its own in [Behdin2023].
/// </remarks>
static class CodeDescent
{
    const double LeastGain = 1e-9;

    // Scales settle at once; each turn of theirs costs as much as the gradient.
    const int ScaleSweeps = 2;

    /// <summary>Improves codes and, if wanted, scales.</summary>
    /// <param name="weights">[N, K].</param>
    /// <param name="second">[K, K]: H, symmetric, both triangles.</param>
    /// <param name="grid">Its scales are changed.</param>
    /// <param name="codes">[N, K]; changed.</param>
    /// <param name="sweeps">Sweeps over the columns at most.</param>
    /// <param name="roundScale">What a scale can be stored as; null if scales stay.</param>
    /// <param name="threads">Threads in use.</param>
    /// <returns>The errors e·H·eᵀ of the rows: [N].</returns>
    public static double[] Improve(ReadOnlyMemory<float> weights, float[] second, WeightGrid grid, sbyte[] codes, int sweeps, Func<float, float>? roundScale, int threads)
    {
        double[] errors = new double[grid.Rows];
        Parallel.For(0, grid.Rows, new ParallelOptions { MaxDegreeOfParallelism = threads }, row =>
        {
            var state = new Row(weights.Span.Slice(row * grid.Columns, grid.Columns), second, grid, row, codes.AsSpan(row * grid.Columns, grid.Columns));
            int alone = roundScale is null ? sweeps : Math.Max(1, sweeps - ScaleSweeps);
            for (int sweep = 0; sweep < alone && state.Sweep(); sweep++)
            {
            }

            // Scales last: moved sooner, they take over what codes could have made up for.
            for (int sweep = alone; roundScale is not null && sweep < sweeps && state.MoveScales(roundScale); sweep++) state.Sweep();

            errors[row] = state.Error();
        });
        return errors;
    }

    /// <summary>A row on its way.</summary>
    ref struct Row
    {
        readonly ReadOnlySpan<float> _weights;
        readonly float[] _second;
        readonly WeightGrid _grid;
        readonly int _firstBlock;
        readonly Span<sbyte> _codes;
        readonly float[] _error;
        readonly float[] _gradient;

        public Row(ReadOnlySpan<float> weights, float[] second, WeightGrid grid, int row, Span<sbyte> codes)
        {
            _weights = weights;
            _codes = codes;
            (_second, _grid, _firstBlock) = (second, grid, row * grid.Blocks);
            _error = new float[weights.Length];
            _gradient = new float[weights.Length];
            Refresh();
        }

        readonly int Columns => _weights.Length;

        /// <summary>e·H·eᵀ.</summary>
        public readonly double Error()
        {
            Refresh();
            double sum = 0;
            for (int k = 0; k < Columns; k++) sum += (double)_error[k] * _gradient[k];
            return Math.Max(0, sum);
        }

        /// <summary>One turn over the columns.</summary>
        /// <returns>Whether a code moved.</returns>
        public readonly bool Sweep()
        {
            bool isMoved = false;
            for (int k = 0; k < Columns; k++)
            {
                double curvature = _second[k * Columns + k];
                if (!(curvature > 0) || _weights[k] == 0) continue;
                int block = _firstBlock + k / _grid.BlockSize;
                double target = _weights[k] + (double)_error[k] - _gradient[k] / curvature;
                int code = _grid.Nearest(target, block);
                if (code == _codes[k]) continue;
                float change = _grid.Value(code, block) - (_weights[k] + _error[k]);
                double gain = -(2.0 * change * _gradient[k] + (double)change * change * curvature);
                if (!(gain > LeastGain * curvature * _grid.Scales[block] * _grid.Scales[block])) continue;
                _codes[k] = (sbyte)code;
                _error[k] = _grid.Value(code, block) - _weights[k];
                TensorPrimitives.MultiplyAdd(_second.AsSpan(k * Columns, Columns), change, _gradient, _gradient);
                isMoved = true;
            }

            return isMoved;
        }

        /// <summary>Fits each block's scale to its codes.</summary>
        /// <returns>Whether one moved.</returns>
        public readonly bool MoveScales(Func<float, float> roundScale)
        {
            bool isMoved = false;
            for (int b = 0; b < _grid.Blocks; b++)
            {
                int begin = b * _grid.BlockSize, end = Math.Min(Columns, begin + _grid.BlockSize), block = _firstBlock + b;
                int zeroPoint = _grid.ZeroPoints[block];
                double slope = 0, curvature = 0;
                for (int k = begin; k < end; k++)
                {
                    int c = _codes[k] - zeroPoint;
                    if (c == 0) continue;
                    slope += (double)c * _gradient[k];
                    double inner = 0;
                    for (int j = begin; j < end; j++) inner += (double)(_codes[j] - zeroPoint) * _second[k * Columns + j];
                    curvature += c * inner;
                }

                if (!(curvature > 0)) continue;
                float scale = roundScale((float)(_grid.Scales[block] - slope / curvature));
                double change = scale - (double)_grid.Scales[block];
                bool isUsable = float.IsNormal(scale) && MathF.Sign(scale) == MathF.Sign(_grid.Scales[block]);
                if (!isUsable || !(2 * change * slope + change * change * curvature < -LeastGain * curvature * scale * scale)) continue;
                _grid.Scales[block] = scale;
                isMoved = true;

                // The next block must see what this one has done: all make up for the same errors.
                for (int k = begin; k < end; k++)
                {
                    float error = _grid.Value(_codes[k], block) - _weights[k], moved = error - _error[k];
                    _error[k] = error;
                    if (moved != 0) TensorPrimitives.MultiplyAdd(_second.AsSpan(k * Columns, Columns), moved, _gradient, _gradient);
                }
            }

            if (isMoved) Refresh();
            return isMoved;
        }

        // Anew from the codes: updates leave the rounding errors of many additions behind.
        readonly void Refresh()
        {
            Array.Clear(_gradient);
            for (int k = 0; k < Columns; k++)
            {
                _error[k] = _grid.Value(_codes[k], _firstBlock + k / _grid.BlockSize) - _weights[k];
                if (_error[k] != 0) TensorPrimitives.MultiplyAdd(_second.AsSpan(k * Columns, Columns), _error[k], _gradient, _gradient);
            }
        }
    }
}
