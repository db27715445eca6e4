namespace Kneepoint.Reports.Plotting;

/// <summary>What a stroke or an area stands for. A canvas gives each its color, so one drawing has a light and a dark form.</summary>
/// <remarks>The colors of data keep apart under the common forms of color blindness (blue, orange, magenta after Okabe and Ito), and no
/// meaning rests on color alone: the baseline is a diamond, the knee has a ring, tied points are hollow.</remarks>
public enum PlotInk
{
    /// <summary>Behind everything.</summary>
    Background,

    /// <summary>Titles and labels.</summary>
    Text,

    /// <summary>Ticks, captions and legends.</summary>
    MutedText,

    /// <summary>Grid lines.</summary>
    Grid,

    /// <summary>Axes.</summary>
    Axis,

    /// <summary>Variants on the frontier, and its line.</summary>
    Frontier,

    /// <summary>The intervals of frontier variants.</summary>
    FrontierSoft,

    /// <summary>The region that the frontier dominates.</summary>
    FrontierTint,

    /// <summary>Dominated variants.</summary>
    Dominated,

    /// <summary>The network as given.</summary>
    Baseline,

    /// <summary>The knee.</summary>
    Knee,

    /// <summary>Budget lines.</summary>
    Budget,
}

/// <summary>The colors of each <see cref="PlotInk"/>.</summary>
public static class PlotPalette
{
    /// <summary>Red, green and blue on a light ground, as 0xRRGGBB.</summary>
    public static uint Light(PlotInk ink) => ink switch
    {
        PlotInk.Background => 0xFFFFFF,
        PlotInk.Text => 0x1B1F24,
        PlotInk.MutedText => 0x59636E,
        PlotInk.Grid => 0xE8EBEF,
        PlotInk.Axis => 0x8C959F,
        PlotInk.Frontier => 0x0A66C2,
        PlotInk.FrontierSoft => 0x8DB9E6,
        PlotInk.FrontierTint => 0xF1F7FD,
        PlotInk.Dominated => 0xB4BCC5,
        PlotInk.Baseline => 0xCF5200,
        PlotInk.Knee => 0xB4307F,
        _ => 0x1B1F24,
    };

    /// <summary>Red, green and blue on a dark ground, as 0xRRGGBB.</summary>
    public static uint Dark(PlotInk ink) => ink switch
    {
        PlotInk.Background => 0x10151B,
        PlotInk.Text => 0xE6EDF3,
        PlotInk.MutedText => 0x9BA6B1,
        PlotInk.Grid => 0x262D36,
        PlotInk.Axis => 0x66717C,
        PlotInk.Frontier => 0x5BA8FF,
        PlotInk.FrontierSoft => 0x35608F,
        PlotInk.FrontierTint => 0x141E2A,
        PlotInk.Dominated => 0x59636E,
        PlotInk.Baseline => 0xFF9D5C,
        PlotInk.Knee => 0xF487C5,
        _ => 0xE6EDF3,
    };
}
