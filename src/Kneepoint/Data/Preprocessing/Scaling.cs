using System.Runtime.InteropServices;
using Kneepoint.Tensors;

namespace Kneepoint.Data.Preprocessing;

/// <summary>Turns staged elements into the network's: ((x - zero) * scale - mean[c]) / std[c], in double, rounded once.</summary>
/// <remarks>
/// A sample is [outer, channels, inner]; mean and std have one value, or one per channel. 8-bit elements go through tables made by the same
/// formula, so both ways give equal bits. Cost: O(elements), no allocation per sample.
/// </remarks>
sealed class Scaling
{
    const int MaxTableChannels = 64;
    const int Stretch = 512;

    readonly ElementType _from;
    readonly ElementType _to;
    readonly int _channels;
    readonly int _inner;
    readonly double _zero;
    readonly double _scale;
    readonly IReadOnlyList<double> _mean;
    readonly IReadOnlyList<double> _std;
    readonly bool _isCopy;
    readonly byte[]? _tables;

    /// <summary>Prepares a conversion.</summary>
    /// <param name="from">The staged type.</param>
    /// <param name="to">The network's type.</param>
    /// <param name="channels">1, or the length of the axis that mean and std go along.</param>
    /// <param name="inner">Elements between neighbors on that axis.</param>
    /// <param name="constants">zero, scale, mean and std; null for a plain conversion of type.</param>
    public Scaling(ElementType from, ElementType to, int channels, int inner, ScalingConstants? constants)
    {
        _from = from;
        _to = to;
        _channels = channels;
        _inner = inner;
        constants ??= ScalingConstants.None;
        (_zero, _scale, _mean, _std) = constants;
        _isCopy = from == to && constants.IsNone;
        bool isByte = from is ElementType.UInt8 or ElementType.Int8;
        if (!_isCopy && isByte && channels <= MaxTableChannels && ElementConversion.IsFloat(to)) _tables = MakeTables();
    }

    /// <summary>Converts whole samples.</summary>
    /// <exception cref="DataException">A value does not fit the network's type.</exception>
    public void Apply(ReadOnlySpan<byte> staged, Span<byte> destination)
    {
        if (_isCopy) staged.CopyTo(destination);
        else if (_tables is null) Compute(staged, destination, 0);
        else if (_to == ElementType.Float32) LookUp<uint>(staged, destination);
        else if (_to == ElementType.Float64) LookUp<ulong>(staged, destination);
        else LookUp<ushort>(staged, destination);
    }

    void LookUp<T>(ReadOnlySpan<byte> staged, Span<byte> destination) where T : unmanaged
    {
        var tables = MemoryMarshal.Cast<byte, T>(_tables);
        var output = MemoryMarshal.Cast<byte, T>(destination);
        int channel = 0;
        for (int start = 0; start < staged.Length; start += _inner)
        {
            var table = tables.Slice(256 * channel, 256);
            int end = Math.Min(start + _inner, staged.Length);
            for (int i = start; i < end; i++) output[i] = table[staged[i]];
            if (++channel == _channels) channel = 0;
        }
    }

    void Compute(ReadOnlySpan<byte> staged, Span<byte> destination, int firstElement)
    {
        int fromBytes = Tensor.Bits(_from) / 8;
        int toBytes = Tensor.Bits(_to) / 8;
        Span<double> values = stackalloc double[Stretch];
        int count = staged.Length / fromBytes;
        for (int start = 0; start < count; start += Stretch)
        {
            var part = values[..Math.Min(Stretch, count - start)];
            ElementConversion.Read(_from, staged.Slice(start * fromBytes, part.Length * fromBytes), part);
            for (int i = 0; i < part.Length; i++) part[i] = Scale(part[i], (int)((firstElement + (long)start + i) / _inner % _channels));
            ElementConversion.Write(part, _to, destination.Slice(start * toBytes, part.Length * toBytes));
        }
    }

    double Scale(double value, int channel)
        => ((value - _zero) * _scale - _mean[_mean.Count == 1 ? 0 : channel]) / _std[_std.Count == 1 ? 0 : channel];

    byte[] MakeTables()
    {
        byte[] every = new byte[256];
        for (int i = 0; i < 256; i++) every[i] = (byte)i;
        int tableBytes = 256 * (Tensor.Bits(_to) / 8);
        byte[] tables = new byte[_channels * tableBytes];
        byte[] one = new byte[1];
        double[] value = new double[1];
        int width = tableBytes / 256;
        for (int channel = 0; channel < _channels; channel++)
        {
            for (int i = 0; i < 256; i++)
            {
                one[0] = every[i];
                ElementConversion.Read(_from, one, value);
                value[0] = Scale(value[0], channel);
                ElementConversion.Write(value, _to, tables.AsSpan(channel * tableBytes + i * width, width));
            }
        }

        return tables;
    }
}

/// <summary>The four constants of <see cref="Scaling"/>.</summary>
sealed record ScalingConstants(double Zero, double Scale, IReadOnlyList<double> Mean, IReadOnlyList<double> Std)
{
    /// <summary>Constants that change nothing.</summary>
    public static ScalingConstants None { get; } = new(0, 1, [0], [1]);

    /// <summary>Whether nothing is changed.</summary>
    public bool IsNone => Zero == 0 && Scale == 1 && Mean.All(mean => mean == 0) && Std.All(std => std == 1);
}
