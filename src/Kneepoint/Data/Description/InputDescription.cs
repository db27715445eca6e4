namespace Kneepoint.Data.Description;

/// <summary>Where a network input comes from and how it is prepared. Null means not said.</summary>
/// <remarks>Elements become ((x - Zero) * Scale - Mean) / Std, computed in double, rounded once.</remarks>
sealed record InputDescription
{
    /// <summary>For messages.</summary>
    public int Line { get; init; }

    /// <summary>The fields; several only for the columns of a table.</summary>
    public IReadOnlyList<string>? From { get; init; }

    /// <summary>The same value everywhere.</summary>
    public double? Constant { get; init; }

    /// <summary>Generated values.</summary>
    public RandomDescription? Random { get; init; }

    /// <summary>The shape of one sample, for generated inputs of free size.</summary>
    public IReadOnlyList<int>? Shape { get; init; }

    /// <summary>Where the batch stands in the network's input; −1 if all samples share the input.</summary>
    public int? BatchAxis { get; init; }

    /// <summary>One number: the shorter side. Two: height and width.</summary>
    public IReadOnlyList<int>? Resize { get; init; }

    /// <summary>"bilinear", "bicubic" or "nearest".</summary>
    public string? Filter { get; init; }

    /// <summary>Height and width around the center.</summary>
    public IReadOnlyList<int>? Crop { get; init; }

    /// <summary>Size after padding: height and width of an image, or the length of a sequence.</summary>
    public IReadOnlyList<int>? Pad { get; init; }

    /// <summary>What is padded with, before scaling.</summary>
    public double? PadValue { get; init; }

    /// <summary>"rgb", "bgr" or "gray".</summary>
    public string? Channels { get; init; }

    /// <summary>"nchw" or "nhwc": what the network takes.</summary>
    public string? Layout { get; init; }

    /// <summary>"chw" or "hwc": how arrays hold an image.</summary>
    public string? Stored { get; init; }

    /// <summary>Subtracted first.</summary>
    public double? Zero { get; init; }

    /// <summary>Multiplied next.</summary>
    public double? Scale { get; init; }

    /// <summary>Subtracted next, for all or per channel.</summary>
    public IReadOnlyList<double>? Mean { get; init; }

    /// <summary>Divided by last, for all or per channel.</summary>
    public IReadOnlyList<double>? Std { get; init; }

    /// <summary>Whether any of the four constants is said.</summary>
    public bool IsScaled => Zero is not null || Scale is not null || Mean is not null || Std is not null;

    /// <summary>Whether the values are made instead of read.</summary>
    public bool IsGenerated => Constant is not null || Random is not null;
}

/// <summary>A distribution: "normal", "uniform" in [0, 1), or "integers" from Low up to but not including High.</summary>
sealed record RandomDescription(string Distribution, long Low = 0, long High = 0)
{
    /// <inheritdoc/>
    public override string ToString() => Distribution == "integers"
        ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"whole numbers {Low} to {High - 1}")
        : Distribution == "normal" ? "standard normal" : "uniform in [0, 1)";
}
