using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Kneepoint.Limits.Distortion;

/// <summary>The point of a rate–distortion function where its slope is −β.</summary>
/// <remarks>
/// q_j ← q_j c_j with c_j = Σ_i p_i e^(−β(x_i − y_j)²)/Z_i: Blahut's iteration, which never raises F(q), from a point extrapolated in log q as by Nesterov, anew where F rises. c ≤ 1 everywhere is the optimum. The lower bound
/// takes λ_i = 1/(Z_i t_i) with t_i the largest c_j around x_i, so that slow tails, where hardly any number is, cost hardly a bit. Kernels are cut where they fall below e^(−40); what is cut adds to c less than the rounding of doubles.
/// A start from the q of a slope nearby is a good start. Cost of a step: 4·numbers·reproductions within 9√D, two passes.
/// Source: [Blahut1972] for iteration and bounds; the extrapolation [Nesterov1983], the restart [ODonoghue2015].
/// </remarks>
sealed class RateSlope
{
    const double Cut = 40;
    const double NearCut = 12;
    const int GridPerError = 12;
    const int MostReproductions = 1 << 19;
    const int MostSteps = 3000;
    const int StepsBetweenChecks = 10;
    const double LeastShare = 1e-30;

    readonly double[] _x;
    readonly double[] _p;
    readonly double[] _y;
    readonly double _gap;
    readonly double _width;
    readonly double[] _z;
    readonly double[] _ratio;
    readonly double[] _c;
    readonly int[] _begin;
    readonly int[] _end;
    readonly long[] _at;
    readonly double[] _q;
    double[] _kernel = [];
    double _beta;

    /// <summary>Lays the reproductions out.</summary>
    /// <param name="source">The values.</param>
    /// <param name="distortion">The distortion around which slopes will be asked for.</param>
    public RateSlope(SourceHistogram source, double distortion)
    {
        _x = [.. source.Values];
        _p = [.. source.Shares];
        _width = source.BinWidth;
        (_y, _gap) = Reproductions(_x, Math.Sqrt(distortion));
        _q = new double[_y.Length];
        Array.Fill(_q, 1.0 / _y.Length);
        _c = new double[_y.Length];
        (_z, _ratio, _begin, _end, _at) = (new double[_x.Length], new double[_x.Length], new int[_x.Length], new int[_x.Length], new long[_x.Length]);
    }

    /// <summary>A lower bound on the least of R + βD over all reproductions on the line, nats.</summary>
    public double LowerNats { get; private set; }

    /// <summary>The β for which <see cref="LowerNats"/> holds of numbers in bins; infinite where bins are too wide.</summary>
    public double ValueSlope { get; private set; }

    /// <summary>The rate of the channel found, nats.</summary>
    public double RateNats { get; private set; }

    /// <summary>The distortion of the channel found.</summary>
    public double Distortion { get; private set; }

    /// <summary>Steps that the last slope took.</summary>
    public int Steps { get; private set; }

    /// <summary>Finds the point of a slope.</summary>
    /// <param name="beta">β, nats for a unit of squared error, above 0.</param>
    /// <param name="toleranceNats">Ends where the bounds of the iteration are this close.</param>
    public void Solve(double beta, double toleranceNats)
    {
        _beta = beta;
        Kernels();
        double[] plain = [.. _q], earlier = [.. _q];
        double before = double.PositiveInfinity;
        int run = 0;
        for (int step = 0; ; step++)
        {
            double value = Value();
            if (value > before && run > 0)
            {
                // Too far: what the plain step came to is never above the point it started from.
                plain.CopyTo(_q, 0);
                run = 0;
                value = Value();
            }

            before = value;
            Ratios(_ratio, _c);
            if (step % StepsBetweenChecks == 0 || step == MostSteps)
            {
                Steps = step;
                if (value - Certificate(value) <= toleranceNats || step == MostSteps) break;
            }

            (plain, earlier) = (earlier, plain);
            for (int j = 0; j < _q.Length; j++) plain[j] = Math.Max(LeastShare, _q[j] * _c[j]);
            Extrapolate(plain, earlier, run == 0 ? 0 : (run - 1.0) / (run + 2));
            run++;
        }

        Channel(before);
        ValueSlope = _width == 0 ? beta : 2 * beta * _width * _width < 1 ? (1 - Math.Sqrt(1 - 2 * beta * _width * _width)) / (_width * _width) : double.PositiveInfinity;
        double between = 1 - beta * _gap * _gap / 4;
        LowerNats = between > 0 ? LowerNats + Math.Log(between) : double.NegativeInfinity;
    }

    // Points a twelfth of the error apart where values are near, and the values themselves.
    static (double[] Points, double Gap) Reproductions(double[] x, double error)
    {
        double gap = error / GridPerError, reach = 10 * error;
        var points = new List<double>();
        for (int i = 0; i < x.Length; i++)
        {
            double next = points.Count == 0 ? x[i] : Math.Max(points[^1] + gap, x[i] - reach);
            double end = i + 1 < x.Length ? Math.Min(x[i] + reach, x[i + 1]) : x[i];
            for (; next < end; next += gap)
            {
                points.Add(next);
                if (points.Count > MostReproductions) throw new ArgumentOutOfRangeException(nameof(error), error, $"More than {MostReproductions} reproductions at this distortion.");
            }
        }

        if (points.Count == 0 || points[^1] < x[^1]) points.Add(x[^1]);
        return ([.. points], gap);
    }

    void Kernels()
    {
        double reach = Math.Sqrt(Cut / _beta);
        int begin = 0, end = 0;
        long at = 0;
        for (int i = 0; i < _x.Length; i++)
        {
            while (begin < _y.Length && _y[begin] < _x[i] - reach) begin++;
            while (end < _y.Length && _y[end] <= _x[i] + reach) end++;
            (_begin[i], _end[i], _at[i]) = (begin, end, at);
            at += end - begin;
        }

        if (_kernel.LongLength < at) _kernel = new double[at];
        for (int i = 0; i < _x.Length; i++)
        {
            var kernel = Kernel(i);
            for (int j = 0; j < kernel.Length; j++)
            {
                double distance = _x[i] - _y[_begin[i] + j];
                kernel[j] = Math.Exp(-_beta * distance * distance);
            }
        }
    }

    Span<double> Kernel(int i) => MemoryMarshal.CreateSpan(ref _kernel[_at[i]], _end[i] - _begin[i]);

    // Z, p/Z and F.
    double Value()
    {
        double value = 0;
        for (int i = 0; i < _x.Length; i++)
        {
            _z[i] = Dot(Kernel(i), _q.AsSpan(_begin[i], _end[i] - _begin[i]));
            _ratio[i] = _p[i] / _z[i];
            value -= _p[i] * Math.Log(_z[i]);
        }

        return value;
    }

    // c_j = Σ_i r_i e^(−β(x_i − y_j)²).
    void Ratios(double[] r, double[] c)
    {
        Array.Clear(c);
        for (int i = 0; i < _x.Length; i++)
        {
            var target = c.AsSpan(_begin[i], _end[i] - _begin[i]);
            TensorPrimitives.MultiplyAdd(Kernel(i), r[i], target, target);
        }
    }

    // q ∝ plain·(plain/earlier)^momentum.
    void Extrapolate(double[] plain, double[] earlier, double momentum)
    {
        double sum = 0;
        for (int j = 0; j < _q.Length; j++)
        {
            _q[j] = momentum == 0 ? plain[j] : Math.Max(LeastShare, plain[j] * Math.Exp(momentum * Math.Log(plain[j] / earlier[j])));
            sum += _q[j];
        }

        for (int j = 0; j < _q.Length; j++) _q[j] /= sum;
    }

    // The lower bound, without what lies between reproductions.
    double Certificate(double value)
    {
        double near = Math.Sqrt(NearCut / _beta), bound = 0;
        double[] scaled = new double[_x.Length];
        int begin = 0, end = 0;
        for (int i = 0; i < _x.Length; i++)
        {
            while (begin < _y.Length && _y[begin] < _x[i] - near) begin++;
            while (end < _y.Length && _y[end] <= _x[i] + near) end++;
            double most = TensorPrimitives.Max<double>(_c.AsSpan(begin, Math.Max(1, end - begin)));
            scaled[i] = _ratio[i] / most;
            bound -= _p[i] * Math.Log(_z[i] * most);
        }

        double[] checks = new double[_y.Length];
        Ratios(scaled, checks);
        LowerNats = Math.Max(value - Math.Log(TensorPrimitives.Max<double>(_c)), bound - Math.Log(TensorPrimitives.Max<double>(checks)));
        return LowerNats;
    }

    // Distortion and rate of the channel q_j e^(−β(x_i − y_j)²)/Z_i: I = F(q) − βD − Σ q_j c_j ln c_j.
    void Channel(double value)
    {
        Ratios(_ratio, _c);
        double distortion = 0, divergence = 0;
        for (int i = 0; i < _x.Length; i++)
        {
            var kernel = Kernel(i);
            double sum = 0;
            for (int j = 0; j < kernel.Length; j++)
            {
                double distance = _x[i] - _y[_begin[i] + j];
                sum += kernel[j] * _q[_begin[i] + j] * distance * distance;
            }

            distortion += _ratio[i] * sum;
        }

        for (int j = 0; j < _q.Length; j++)
        {
            if (_c[j] > 0) divergence += _q[j] * _c[j] * Math.Log(_c[j]);
        }

        Distortion = distortion;
        RateNats = Math.Max(0, value - _beta * distortion - divergence);
    }

    // Eight sums in a fixed order: the result does not depend on the width of vectors.
    static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var low = Vector256<double>.Zero;
        var high = Vector256<double>.Zero;
        int i = 0;
        for (; i + 8 <= a.Length; i += 8)
        {
            low += Vector256.Create(a[i..]) * Vector256.Create(b[i..]);
            high += Vector256.Create(a[(i + 4)..]) * Vector256.Create(b[(i + 4)..]);
        }

        var both = low + high;
        double sum = both[0] + both[1] + (both[2] + both[3]);
        for (; i < a.Length; i++) sum += a[i] * b[i];
        return sum;
    }
}
