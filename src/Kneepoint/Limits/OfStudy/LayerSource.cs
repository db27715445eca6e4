using Kneepoint.Compression;
using Kneepoint.Compression.Quantization;
using Kneepoint.Compression.Quantization.RateConstrained;
using Kneepoint.Limits.Distortion;
using Kneepoint.Onnx;
using Kneepoint.Tensors.LinearAlgebra;
using Kneepoint.Tensors.Probability;

namespace Kneepoint.Limits.OfStudy;

/// <summary>A layer's weight as a Gaussian source: independent components in the directions that its input distinguishes, each with a variance and a sensitivity.</summary>
/// <remarks>
/// The rows of W are turned into the eigenvectors of H = E[xxᵀ], for the layer's squared output error is Σ e·H·eᵀ. Component (r, k) has the sensitivity λ = c·a_k, with a_k the eigenvalue and c what a unit of
/// output error costs in divergence of the network's outputs, measured; and the variance s_r·t_k ÷ m, with s_r the power of the row, t_k that of the direction, m that of all. Where nothing is known of the input, or it
/// has more than <see cref="MostDirections"/> numbers, directions are the numbers themselves.
/// Source: statement F; the factored sensitivity is that of [Martens2015].
/// </remarks>
sealed class LayerSource
{
    /// <summary>Numbers of an input at most whose correlations are taken into account: finding directions takes the cube of it.</summary>
    const int MostDirections = 1024;

    // What few samples cannot tell: directions that they do not show are not free of cost.
    const double Damping = 0.01;

    readonly WeightRows _rows;
    readonly double _curvature;
    readonly MomentGroups? _moments;
    readonly Group[] _groups;

    LayerSource(WeightedLayer layer, WeightRows rows, double curvature, MomentGroups? moments, Group[] groups) => (Layer, _rows, _curvature, _moments, _groups) = (layer, rows, curvature, moments, groups);

    /// <summary>The layer, in the reference.</summary>
    public WeightedLayer Layer { get; }

    /// <summary>Weights.</summary>
    public int Count => _rows.Values.Length;

    /// <summary>Describes a layer.</summary>
    /// <param name="reference">The network, with what the calibration samples show of it.</param>
    /// <param name="layer">One of its layers.</param>
    public static LayerSource Of(NetworkRewrite reference, WeightedLayer layer)
    {
        var rows = WeightRows.Of(reference, layer);
        double curvature = OutputCurvature.Of(reference, layer);
        var moments = reference.Roundings?.MomentsOf(layer, rows, out _)?.All();
        bool isKnown = moments is not null && moments.Columns == rows.Columns && rows.Rows % moments.Groups == 0 && moments.Rows > 0;
        var known = isKnown ? MomentGroups.Of(moments!, isCentered: false) : null;
        if (known is null || !known.IsUsable) return new LayerSource(layer, rows, curvature, null, [Group.Plain(rows.Values, rows.Columns, null)]);
        int count = rows.Values.Length / known.Groups.Count;
        var groups = new Group[known.Groups.Count];
        var damped = known.Damped(Damping);
        for (int g = 0; g < groups.Length; g++)
        {
            var values = rows.Values.AsSpan(g * count, count);
            groups[g] = rows.Columns <= MostDirections && Directions(damped.Groups[g].Upper, rows.Columns) is { } found
                ? Group.Turned(values, rows.Columns, found.Values, found.Vectors)
                : Group.Plain(values, rows.Columns, damped.Groups[g].Diagonal());
        }

        return new LayerSource(layer, rows, curvature, known, groups);
    }

    /// <summary>The layer's own squared output error of a change, times what it costs: the divergence that it alone brings about, to second order.</summary>
    /// <param name="changed">The weight in the order of the layer.</param>
    public double DivergenceOf(float[] changed)
    {
        float[] rows = _rows.RowsOf(changed);
        float[] errors = new float[rows.Length];
        for (int i = 0; i < rows.Length; i++) errors[i] = rows[i] - _rows.Values[i];
        return _curvature * (_moments?.ErrorOf(errors) ?? errors.Sum(e => (double)e * e));
    }

    /// <summary>The layer's squared output error over the least that any weight of that rank has: data-weighted Eckart and Young (statement K).</summary>
    /// <param name="changed">The weight in the order of the layer.</param>
    /// <param name="rank">Its rank.</param>
    /// <returns>Null where the input is not known, or large.</returns>
    public double? ErrorOverLowRankOptimum(float[] changed, int rank)
    {
        if (_moments is not { Groups.Count: 1 } moments || _rows.Columns > MostDirections || rank < 1 || rank >= Math.Min(_rows.Rows, _rows.Columns)) return null;
        double[] moment = Full(moments.Groups[0].Upper, _rows.Columns);
        double least = TensorOptima.LowRankErrors(Array.ConvertAll(_rows.Values, value => (double)value), _rows.Rows, moment, _rows.Columns)[rank];
        float[] rows = _rows.RowsOf(changed);
        float[] errors = new float[rows.Length];
        for (int i = 0; i < rows.Length; i++) errors[i] = rows[i] - _rows.Values[i];
        return least > 0 ? moments.ErrorOf(errors) / least : null;
    }

    /// <summary>Adds v = λ·σ² of each component.</summary>
    public void AddComponents(List<ComponentGroup> destination)
    {
        foreach (var group in _groups)
        {
            for (int r = 0; r < group.Rows; r++)
            {
                for (int k = 0; k < group.Columns; k++) destination.Add(new ComponentGroup(_curvature * group.Sensitivity[k] * group.Variance(r, k), 1));
            }
        }
    }

    /// <summary>The weight as the ideal code at a water level would give it back, in the order of the layer.</summary>
    /// <param name="waterLevel">Divergence that a component may cost.</param>
    /// <param name="random">Where the noise is drawn from.</param>
    public float[] Noisy(double waterLevel, Xoshiro256 random)
    {
        float[] rows = new float[_rows.Values.Length];
        int start = 0;
        foreach (var group in _groups)
        {
            double[] noisy = new double[group.Columns];
            for (int r = 0; r < group.Rows; r++)
            {
                for (int k = 0; k < group.Columns; k++)
                {
                    var noise = ComponentNoise.At(group.Variance(r, k), _curvature * group.Sensitivity[k], waterLevel);
                    noisy[k] = noise.Shrink * group.Coefficients[r * group.Columns + k] + noise.NoiseStandardDeviation * NormalDraw.Next(random);
                }

                group.TurnBack(noisy, rows.AsSpan(start + r * group.Columns, group.Columns));
            }

            start += group.Rows * group.Columns;
        }

        return _rows.Stored(rows);
    }

    static (double[] Values, double[] Vectors)? Directions(double[] upper, int order) => SymmetricEigen.TryDecompose(Full(upper, order), order);

    static double[] Full(double[] upper, int order)
    {
        double[] full = new double[upper.Length];
        for (int i = 0; i < order; i++)
        {
            for (int j = i; j < order; j++) full[i * order + j] = full[j * order + i] = upper[i * order + j];
        }

        return full;
    }

    /// <summary>Rows that are multiplied with the same part of the input.</summary>
    /// <param name="Columns">K.</param>
    /// <param name="Coefficients">[R, K] along the directions.</param>
    /// <param name="Sensitivity">[K].</param>
    /// <param name="Vectors">[K, K], directions as rows; null where they are the axes.</param>
    sealed record Group(int Columns, float[] Coefficients, double[] Sensitivity, double[]? Vectors)
    {
        readonly double[] _rowPower = PowerOf(Coefficients, Columns, ofRows: true);
        readonly double[] _columnPower = PowerOf(Coefficients, Columns, ofRows: false);
        readonly double _meanPower = Coefficients.Sum(value => (double)value * value) / Math.Max(1, Coefficients.Length);

        public int Rows => Columns == 0 ? 0 : Coefficients.Length / Columns;

        public double Variance(int row, int column) => _meanPower > 0 ? _rowPower[row] * _columnPower[column] / _meanPower : 0;

        public static Group Plain(ReadOnlySpan<float> values, int columns, double[]? sensitivity) =>
            new(columns, values.ToArray(), sensitivity ?? [.. Enumerable.Repeat(1.0, columns)], null);

        public static Group Turned(ReadOnlySpan<float> values, int columns, double[] sensitivity, double[] vectors)
        {
            float[] turned = new float[values.Length];
            double[] row = new double[columns];
            for (int r = 0; r < values.Length; r += columns)
            {
                for (int j = 0; j < columns; j++) row[j] = values[r + j];
                for (int k = 0; k < columns; k++) turned[r + k] = (float)System.Numerics.Tensors.TensorPrimitives.Dot<double>(vectors.AsSpan(k * columns, columns), row);
            }

            return new Group(columns, turned, [.. sensitivity.Select(value => Math.Max(0, value))], vectors);
        }

        public void TurnBack(double[] coefficients, Span<float> destination)
        {
            if (Vectors is null)
            {
                for (int k = 0; k < coefficients.Length; k++) destination[k] = (float)coefficients[k];
                return;
            }

            double[] sum = new double[Columns];
            for (int k = 0; k < coefficients.Length; k++)
            {
                if (coefficients[k] != 0) System.Numerics.Tensors.TensorPrimitives.MultiplyAdd(Vectors.AsSpan(k * Columns, Columns), coefficients[k], sum, sum);
            }

            for (int j = 0; j < sum.Length; j++) destination[j] = (float)sum[j];
        }

        static double[] PowerOf(float[] values, int columns, bool ofRows)
        {
            int rows = columns == 0 ? 0 : values.Length / columns;
            double[] power = new double[ofRows ? rows : columns];
            for (int i = 0; i < values.Length; i++) power[ofRows ? i / columns : i % columns] += (double)values[i] * values[i] / (ofRows ? columns : rows);
            return power;
        }
    }
}
