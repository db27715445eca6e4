namespace Kneepoint.Limits.Noise.Propagation;

/// <summary>A fully connected layer: Gemm, or MatMul with a fixed second input.</summary>
/// <remarks>
/// Computes, for each row with centers c and radii r and a weight W whose entries of column n may be off by d_n:
/// c' = α·Wᵀc + β·b and r' = |α|·(|W|ᵀr + d_n·(‖c‖₁ + ‖r‖₁)) + |β|·d_b.
/// That is |w'x' − wc| ≤ |w|·r + d·(|c| + r), summed. Rounding: γ_(K+4)·(|α|·|W|ᵀ|c| + |β||b|) is added, through r_k + γ·|c_k| in place of r_k, and the
/// radius is taken up by the operations that made it.
/// Cost: K·N products twice per row; inputs that are exactly 0 are skipped. Holds K·N weights of 32 bits.
/// </remarks>
/// <param name="layerId">By which the box names the layer.</param>
/// <param name="weights">[K, N], row-major, finite.</param>
/// <param name="outputs">N.</param>
/// <param name="alpha">Of Gemm; 1 elsewhere.</param>
/// <param name="beta">Of Gemm; 1 elsewhere.</param>
sealed class DenseStep(string layerId, float[] weights, int outputs, double alpha, double beta) : IntervalStep
{
    readonly int _inputs = outputs == 0 ? 0 : weights.Length / outputs;

    /// <summary>N.</summary>
    public int Outputs => outputs;

    /// <summary>[N]; null where there is none.</summary>
    public double[]? Bias { get; set; }

    double Gamma => Outward.Gamma(_inputs + 4);

    // Sums of the magnitudes of the inputs have two operations each, sums of the radii as well.
    int Operations => 2 * _inputs + 16;

    public override Intervals Run(ReadOnlySpan<Intervals> inputs, WeightBox box)
    {
        var x = inputs[0];
        int rows = x.Count / _inputs;
        var result = new Intervals(rows * outputs);
        double[] spread = x.WithRounding(Gamma);
        var radius = box.Of(layerId, outputs);
        for (int row = 0; row < rows; row++)
        {
            var centers = result.Center.AsSpan(row * outputs, outputs);
            var radii = result.Radius.AsSpan(row * outputs, outputs);
            for (int k = 0, i = row * _inputs; k < _inputs; k++, i++)
            {
                if (x.Center[i] == 0 && x.Radius[i] == 0) continue;
                MultiplyAdd.Row(weights.AsSpan(k * outputs, outputs), x.Center[i], spread[i], centers, radii);
            }

            double norm = Norm(x, row);
            for (int n = 0; n < outputs; n++)
            {
                double bias = Bias is null ? 0 : beta * Bias[n];
                centers[n] = alpha * centers[n] + bias;
                radii[n] = Outward.Above(Math.Abs(alpha) * (radii[n] + radius.OfChannel(n) * norm)
                    + Gamma * Math.Abs(bias) + (Bias is null ? 0 : Math.Abs(beta) * radius.Bias), Operations);
            }
        }

        return result;
    }

    /// <summary>Lower bounds of Z_winner − Z_i for each i, as one linear function of the inputs.</summary>
    /// <remarks>
    /// Computes center and radius of Σ_k (W_ky − W_ki)·x_k + b_y − b_i. The radius has Σ|W_ky − W_ki|·r_k in place of Σ(|W_ky| + |W_ki|)·r_k, so it is never
    /// more than that of the two outputs taken alone; what the weights themselves may be off, (d_y + d_i)·(‖c‖₁ + ‖r‖₁), is not shared and stays.
    /// </remarks>
    /// <param name="x">One row.</param>
    /// <param name="winner">y.</param>
    /// <param name="box">How far weights may be off.</param>
    /// <param name="floors">[N]; that of y itself is 0.</param>
    public void Margins(Intervals x, int winner, WeightBox box, Span<double> floors)
    {
        double[] centers = new double[outputs], radii = new double[outputs], spread = x.WithRounding(Gamma);
        for (int k = 0; k < _inputs; k++)
        {
            if (x.Center[k] == 0 && x.Radius[k] == 0) continue;
            var row = weights.AsSpan(k * outputs, outputs);
            double own = row[winner];
            for (int n = 0; n < row.Length; n++)
            {
                double difference = own - row[n];
                centers[n] += difference * x.Center[k];
                radii[n] += Math.Abs(difference) * spread[k];
            }
        }

        var radius = box.Of(layerId, outputs);
        double norm = Norm(x, 0);
        for (int n = 0; n < outputs; n++)
        {
            double mine = Bias is null ? 0 : beta * Bias[winner], other = Bias is null ? 0 : beta * Bias[n];
            double center = alpha * centers[n] + (mine - other);
            double bias = Gamma * (Math.Abs(mine) + Math.Abs(other)) + (Bias is null ? 0 : 2 * Math.Abs(beta) * radius.Bias);
            double weight = Math.Abs(alpha) * (radii[n] + (radius.OfChannel(winner) + radius.OfChannel(n)) * norm);
            floors[n] = n == winner ? 0 : Math.BitDecrement(center - Outward.Above(weight + bias, Operations));
        }
    }

    double Norm(Intervals x, int row)
    {
        double norm = 0;
        for (int k = 0, i = row * _inputs; k < _inputs; k++, i++) norm += x.Magnitude(i);
        return norm;
    }
}
